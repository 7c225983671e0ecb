namespace Gateway.Edge.Errors;

/// <summary>Everything that can go wrong with a request. <see cref="ErrorTable"/> maps each to status, code and fault.</summary>
internal enum GatewayError
{
    NotFound,
    MethodNotAllowed,
    NotReady,
    Stopping,
    LedgerUnavailable,

    KeyMissing,
    KeyInvalid,
    KeyDisabled,
    KeyExpired,
    KeyRevoked,

    ContentTypeUnsupported,
    ContentEncodingUnsupported,
    BodyTooLarge,
    BodyMissing,
    BodyIncomplete,
    BodyTooSlow,
    BodyMalformed,
    BodyTooDeep,
    ValueInvalid,
    ValueMissing,
    ValueDuplicate,

    ModelUnknown,
    ModelForbidden,
    ProviderForbidden,
    AddressForbidden,
    MetadataMissing,
    ContentBlocked,
    ApprovalRequired,
    RequestUnsupported,
    ResponseNotFound,

    BudgetExhausted,
    BudgetUnavailable,
    ModelUnpriced,
    RequestsLimited,
    TokensLimited,
    ConcurrencyLimited,
    UnitsLimited,

    GuardrailUnavailable,

    UpstreamUnreachable,
    UpstreamTimeout,
    UpstreamInvalid,
    UpstreamTooLarge,
    UpstreamCut,
    UpstreamStalled,
    UpstreamForbidden,
    UpstreamRateLimited,
    UpstreamUnavailable,
    UpstreamAuth,
    ServiceUnavailable,
    Internal,
}

/// <summary>Whose fault a failure is.</summary>
internal enum Fault
{
    Client,
    Gateway,
    Upstream,
}

/// <summary>The step of the pipeline in which a request failed.</summary>
internal enum Step
{
    Http,
    Identify,
    Envelope,
    Authorize,
    Admit,
    GuardInput,
    Cache,
    Route,
    Call,
    GuardOutput,
    Settle,
}
