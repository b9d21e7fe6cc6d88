package io.chancery.node.status;

/** Every metric of our own, and those that step-ca has too, as Prometheus shows it; docs/metrics.md says what each means. */
public final class MetricNames {
    public static final String REQUESTS = "chancery_requests_total";
    public static final String REQUEST_SECONDS = "chancery_request_seconds";
    public static final String REFUSALS = "chancery_refusals_total";
    public static final String ADMISSION_REFUSED = "chancery_admission_refused_total";
    public static final String IN_FLIGHT = "chancery_requests_in_flight";
    public static final String CERTIFICATES_ISSUED = "chancery_certificates_issued_total";
    public static final String REVOCATIONS = "chancery_revocations_total";
    public static final String CRL_BUILDS = "chancery_crl_builds_total";
    public static final String CRL_BUILD_SECONDS = "chancery_crl_build_seconds";
    public static final String CRL_NEXT_UPDATE = "chancery_crl_next_update_seconds";
    public static final String SIGNER_SECONDS = "chancery_signer_seconds";
    public static final String SIGNER_STATE = "chancery_signer_state";
    public static final String SIGNER_LOSSES = "chancery_signer_key_losses_total";
    public static final String SIGNER_RECOVERIES = "chancery_signer_key_recoveries_total";
    public static final String SIGNER_RETRIED = "chancery_signer_retried_requests_total";
    public static final String SIGNER_ABANDONED = "chancery_signer_abandoned_calls";
    public static final String WEBHOOK_SECONDS = "chancery_webhook_seconds";
    public static final String STORE_QUEUE = "chancery_store_queue";
    public static final String STORE_BATCH = "chancery_store_batch_writes";
    public static final String STORE_COMMIT_SECONDS = "chancery_store_commit_seconds";
    public static final String STORE_FAILED = "chancery_store_failed_writes_total";
    public static final String GRID_ASKED = "chancery_grid_asked_total";
    public static final String GRID_TOLD = "chancery_grid_told_total";
    public static final String CLUSTER_NODES = "chancery_cluster_nodes";
    public static final String CLUSTER_DEAF = "chancery_cluster_deaf";
    public static final String CAN_ISSUE = "chancery_can_issue";
    public static final String SERVER_CERTIFICATE_END = "chancery_server_certificate_end_seconds";
    public static final String ISSUER_END = "chancery_issuer_end_seconds";
    public static final String ROOT_END = "chancery_root_end_seconds";
    public static final String INTERMEDIATE_END = "chancery_intermediate_end_seconds";
    public static final String CLUSTER_CA_END = "chancery_cluster_ca_end_seconds";
    public static final String BUS_CERTIFICATE_END = "chancery_bus_certificate_end_seconds";
    public static final String OIDC_PROVIDERS = "chancery_oidc_providers";
    public static final String OIDC_ASKED = "chancery_oidc_asked_total";
    public static final String BUILD_INFO = "chancery_build";

    public static final String STEP_SIGNED = "step_ca_x509_signed_total";
    public static final String STEP_RENEWED = "step_ca_x509_renewed_total";
    public static final String STEP_REKEYED = "step_ca_x509_rekeyed_total";
    public static final String STEP_UPTIME = "step_ca_uptime_seconds";

    private MetricNames() {}
}
