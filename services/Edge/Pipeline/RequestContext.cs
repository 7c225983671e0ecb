using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Pipeline;

/// <summary>All that is known of one request on its way through the pipeline.</summary>
internal sealed class RequestContext(HttpContext http, OperationSpec operation, GatewayModel model, long startedTimestamp, long startedAtMicros)
{
    private RequestEnvelope _envelope;
    private TokenCounts _tokens;
    private UpstreamAnswer _answer;
    private Reservation _reservation;

    public HttpContext Http { get; } = http;

    public OperationSpec Operation { get; } = operation;

    /// <summary>The configuration in force when the request arrived; it stays with the request.</summary>
    public GatewayModel Model { get; } = model;

    public long StartedTimestamp { get; } = startedTimestamp;

    public long StartedAtMicros { get; } = startedAtMicros;

    /// <summary>The model that the address names, or null when the body names it.</summary>
    public string? PathModel { get; init; }

    public KeyRuntime? Key { get; set; }

    public PooledBody Body { get; set; }

    public ref RequestEnvelope Envelope => ref _envelope;

    public RouteRuntime? Route { get; set; }

    /// <summary>Public model name as the caller wrote it.</summary>
    public string ModelName { get; set; } = "";

    /// <summary>What the <c>*</c> of a pattern route matched; empty for an exact route.</summary>
    public string WildcardPart { get; set; } = "";

    /// <summary>What the request holds of limits and budgets.</summary>
    public ref Reservation Reservation => ref _reservation;

    public CandidateList Candidates { get; } = new();

    public AttemptLog Attempts { get; } = new();

    /// <summary>The deployment that answered, or the one tried last.</summary>
    public DeploymentRuntime? Deployment { get; set; }

    /// <summary>The provider's answer, headers read and body not.</summary>
    public HttpResponseMessage? Upstream { get; set; }

    /// <summary>The answer's body or stream.</summary>
    public ref UpstreamAnswer Answer => ref _answer;

    public ref TokenCounts Tokens => ref _tokens;

    /// <summary>True when <see cref="Tokens"/> is the provider's own report.</summary>
    public bool HasUsage { get; set; }

    /// <summary>Bytes of generated text seen, for an estimate when no usage is reported.</summary>
    public long OutputTextBytes { get; set; }

    /// <summary>True once a provider may have begun to work, so that tokens may have been used.</summary>
    public bool ProviderEngaged { get; set; }

    public RequestOutcome Outcome { get; set; } = RequestOutcome.Rejected;

    public Failure? Failure { get; set; }

    public int Status { get; set; }

    public long FirstByteTimestamp { get; set; }

    public bool Settled { get; set; }

    public string ModelFor(DeploymentRuntime deployment) =>
        deployment.IsWildcard ? deployment.Model.Replace("*", WildcardPart, StringComparison.Ordinal) : deployment.Model;

    public byte[] ModelJsonFor(DeploymentRuntime deployment) =>
        deployment.IsWildcard ? JsonName.Encode(ModelFor(deployment)) : deployment.ModelJson;

    public GatewaySettings Settings => Model.Settings;
}
