package io.chancery.core.issuance;

import io.chancery.core.webhook.WebhookCall;
import java.util.List;

/**
 * A request that passed every rule of ours. It may be issued when each of these calls has been answered with leave.
 *
 * @param approvals in their order; empty where there is nobody to ask
 */
public record UnapprovedIssuance(PreparedIssuance issuance, List<WebhookCall> approvals) {
    public UnapprovedIssuance {
        approvals = List.copyOf(approvals);
    }
}
