// SPDX-License-Identifier: Apache-2.0
/**
 * An example of Alertmanager's configuration for our alerts: PagerDuty for what cannot wait, Slack for the rest.
 * Keys come from files, so the example holds no secret. Which alert has which severity is in `../rules/alerts/`.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/
 */
import { LABEL_VENDOR } from "../../filter/core/contract.ts";

const SECRETS = "/etc/alertmanager/secrets";
const OURS = 'alertname=~"Proxymeter.+"';
const TITLE = "{{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }}";
const TEXT = "{{ range .Alerts }}{{ .Annotations.description }}\n<{{ .Annotations.runbook_url }}|Runbook>\n{{ end }}";

function slack(name: string, channel: string): object {
  return {
    name,
    slack_configs: [{ api_url_file: `${SECRETS}/slack-url`, channel, send_resolved: true, title: TITLE, text: TEXT }],
  };
}

const pagerduty = {
  name: "proxymeter-page",
  pagerduty_configs: [
    {
      routing_key_file: `${SECRETS}/pagerduty-key`,
      severity: "{{ .CommonLabels.severity }}",
      description: TITLE,
      details: {
        found: "{{ range .Alerts.Firing }}{{ .Annotations.description }}\n{{ end }}",
        runbook: "{{ .CommonAnnotations.runbook_url }}",
      },
    },
  ],
};

/** Of those that fire together, the cause speaks and its effects are quiet. */
const inhibitions = [
  {
    source_matchers: ["alertname=ProxymeterVendorDown"],
    target_matchers: [
      'alertname=~"Proxymeter(VendorSuccessBurn|VendorSuccessUnusual|PoolDegraded|VendorHandshakeSlow|BanRate)"',
    ],
    equal: ["cluster", LABEL_VENDOR],
  },
  {
    source_matchers: ['alertname=~"Proxymeter(ScrapeOutage|NothingScraped)"'],
    target_matchers: [
      'alertname=~"Proxymeter(ScrapeBurn|CoverageLow|FilterNotLoaded|VendorTrafficStopped|VendorBytesUnusual)"',
    ],
    equal: ["cluster"],
  },
  {
    source_matchers: [OURS, "severity=critical"],
    target_matchers: [OURS, "severity=~warning|info"],
    equal: ["cluster", "alertname", LABEL_VENDOR, "currency"],
  },
];

export const ALERTMANAGER = {
  route: {
    receiver: "proxymeter-default",
    routes: [
      {
        matchers: [OURS],
        receiver: "proxymeter-slack",
        group_by: ["cluster", "alertname", LABEL_VENDOR, "namespace"],
        group_wait: "30s",
        group_interval: "5m",
        repeat_interval: "4h",
        routes: [
          // The owners of the budget hear of money, and are paged for it only where they say so.
          { matchers: ['alertname=~"ProxymeterBudget.+"'], receiver: "proxymeter-money", repeat_interval: "1d" },
          { matchers: ["severity=critical"], receiver: "proxymeter-page", group_wait: "10s", continue: true },
          { matchers: ["severity=info"], receiver: "proxymeter-quiet", group_wait: "10m", repeat_interval: "7d" },
          { matchers: ["severity=~critical|warning"], receiver: "proxymeter-slack" },
        ],
      },
    ],
  },
  inhibit_rules: inhibitions,
  receivers: [
    { name: "proxymeter-default" },
    pagerduty,
    slack("proxymeter-slack", "#crawler-alerts"),
    slack("proxymeter-money", "#crawler-costs"),
    slack("proxymeter-quiet", "#crawler-notices"),
  ],
};
