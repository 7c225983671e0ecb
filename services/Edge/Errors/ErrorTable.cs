namespace Gateway.Edge.Errors;

/// <summary>One row of the error table.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">OpenAI's <c>error.type</c>.</param>
/// <param name="Code">Stable <c>error.code</c>.</param>
/// <param name="Fault">Whose fault it is.</param>
internal readonly record struct ErrorRow(int Status, string Type, string Code, Fault Fault);

/// <summary>The one table from failures to what callers see. <c>docs/errors.md</c> shows it, and a test holds the two together.</summary>
internal static class ErrorTable
{
    private const string Invalid = "invalid_request_error";
    private const string Authentication = "authentication_error";
    private const string Permission = "permission_error";
    private const string Quota = "insufficient_quota";
    private const string RateLimit = "rate_limit_error";
    private const string Api = "api_error";

    public static ErrorRow Row(GatewayError error) => error switch
    {
        GatewayError.NotFound => new(404, Invalid, "not_found", Fault.Client),
        GatewayError.MethodNotAllowed => new(405, Invalid, "method_not_allowed", Fault.Client),
        GatewayError.NotReady => new(503, Api, "not_ready", Fault.Gateway),
        GatewayError.Stopping => new(503, Api, "stopping", Fault.Gateway),
        GatewayError.LedgerUnavailable => new(503, Api, "ledger_unavailable", Fault.Gateway),
        GatewayError.KeyMissing => new(401, Authentication, "missing_api_key", Fault.Client),
        GatewayError.KeyInvalid => new(401, Authentication, "invalid_api_key", Fault.Client),
        GatewayError.KeyDisabled => new(401, Authentication, "api_key_blocked", Fault.Client),
        GatewayError.KeyExpired => new(401, Authentication, "api_key_expired", Fault.Client),
        GatewayError.KeyRevoked => new(401, Authentication, "api_key_revoked", Fault.Client),
        GatewayError.ContentTypeUnsupported => new(415, Invalid, "unsupported_content_type", Fault.Client),
        GatewayError.ContentEncodingUnsupported => new(415, Invalid, "unsupported_content_encoding", Fault.Client),
        GatewayError.BodyTooLarge => new(413, Invalid, "request_too_large", Fault.Client),
        GatewayError.BodyMissing => new(400, Invalid, "empty_body", Fault.Client),
        GatewayError.BodyIncomplete => new(400, Invalid, "incomplete_body", Fault.Client),
        GatewayError.BodyTooSlow => new(408, Invalid, "request_too_slow", Fault.Client),
        GatewayError.BodyMalformed => new(400, Invalid, "invalid_json", Fault.Client),
        GatewayError.BodyTooDeep => new(400, Invalid, "json_too_deep", Fault.Client),
        GatewayError.ValueInvalid => new(400, Invalid, "invalid_value", Fault.Client),
        GatewayError.ValueMissing => new(400, Invalid, "missing_required_parameter", Fault.Client),
        GatewayError.ValueDuplicate => new(400, Invalid, "duplicate_parameter", Fault.Client),
        GatewayError.ModelUnknown => new(404, Invalid, "model_not_found", Fault.Client),
        GatewayError.ModelForbidden => new(403, Permission, "model_not_allowed", Fault.Client),
        GatewayError.ProviderForbidden => new(403, Permission, "provider_not_allowed", Fault.Client),
        GatewayError.AddressForbidden => new(403, Permission, "address_not_allowed", Fault.Client),
        GatewayError.MetadataMissing => new(400, Invalid, "metadata_required", Fault.Client),
        GatewayError.ContentBlocked => new(400, Invalid, "content_blocked", Fault.Client),
        GatewayError.ApprovalRequired => new(403, Permission, "approval_required", Fault.Client),
        GatewayError.RequestUnsupported => new(400, Invalid, "unsupported_by_provider", Fault.Client),
        GatewayError.ResponseNotFound => new(404, Invalid, "response_not_found", Fault.Client),
        GatewayError.BudgetExhausted => new(402, Quota, "budget_exceeded", Fault.Client),
        GatewayError.BudgetUnavailable => new(503, Api, "budget_unavailable", Fault.Gateway),
        GatewayError.ModelUnpriced => new(402, Quota, "model_unpriced", Fault.Gateway),
        GatewayError.RequestsLimited => new(429, RateLimit, "request_limit_exceeded", Fault.Client),
        GatewayError.TokensLimited => new(429, RateLimit, "token_limit_exceeded", Fault.Client),
        GatewayError.ConcurrencyLimited => new(429, RateLimit, "concurrency_limit_exceeded", Fault.Client),
        GatewayError.UnitsLimited => new(429, RateLimit, "unit_limit_exceeded", Fault.Client),
        GatewayError.GuardrailUnavailable => new(503, Api, "guardrail_unavailable", Fault.Gateway),
        GatewayError.UpstreamUnreachable => new(502, Api, "upstream_unreachable", Fault.Upstream),
        GatewayError.UpstreamTimeout => new(504, Api, "upstream_timeout", Fault.Upstream),
        GatewayError.UpstreamInvalid => new(502, Api, "upstream_invalid_response", Fault.Upstream),
        GatewayError.UpstreamTooLarge => new(502, Api, "upstream_response_too_large", Fault.Upstream),
        GatewayError.UpstreamCut => new(502, Api, "upstream_cut", Fault.Upstream),
        GatewayError.UpstreamStalled => new(504, Api, "upstream_stalled", Fault.Upstream),
        GatewayError.UpstreamForbidden => new(502, Api, "upstream_address_refused", Fault.Gateway),
        GatewayError.UpstreamAuth => new(502, Api, "upstream_credential_unavailable", Fault.Gateway),
        GatewayError.UpstreamRateLimited => new(429, RateLimit, "upstream_rate_limited", Fault.Upstream),
        GatewayError.UpstreamUnavailable => new(503, Api, "upstream_unavailable", Fault.Upstream),
        GatewayError.ServiceUnavailable => new(503, Api, "service_unavailable", Fault.Gateway),
        _ => new(500, Api, "internal_error", Fault.Gateway),
    };
}
