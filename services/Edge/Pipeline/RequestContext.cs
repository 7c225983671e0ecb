using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Caching;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Prices;
using Gateway.Edge.Routing;
using Gateway.Edge.Routing.Calls;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Pipeline;

/// <summary>All that is known of one request on its way through the pipeline.</summary>
internal sealed partial class RequestContext(HttpContext http, OperationSpec operation, GatewayModel model, long startedTimestamp, long startedAtMicros)
{
    private RequestEnvelope _envelope;
    private UsedTokens? _tokens;
    private UnitsBox? _units;
    private UpstreamAnswer _answer;
    private CandidateList _candidates;
    private Reservation _reservation;
    private CallerChat? _chat;
    private WildcardModel? _wildcardModel;

    public HttpContext Http { get; } = http;

    public OperationSpec Operation { get; } = operation;

    /// <summary>The configuration in force when the request arrived; it stays with the request.</summary>
    public GatewayModel Model { get; } = model;

    public long StartedTimestamp { get; } = startedTimestamp;

    public long StartedAtMicros { get; } = startedAtMicros;

    /// <summary>The model that the address names, or null when the body names it.</summary>
    public string? PathModel { get; init; }

    public KeyRuntime? Key { get; set; }

    /// <summary>What the cache knows of the request; null where nothing is cached.</summary>
    public CacheFacts? Cache { get; set; }

    public PooledBody Body { get; set; }

    /// <summary>Bytes of what a model reads as text, bounded from above: files of a form are not.</summary>
    public long PromptBytes => Form is null ? Body.Length : Envelope.TextBytes;

    public ref RequestEnvelope Envelope => ref _envelope;

    public RouteRuntime? Route { get; set; }

    /// <summary>Public model name as the caller wrote it.</summary>
    public string ModelName { get; set; } = "";

    /// <summary>What the <c>*</c> of a pattern route matched; empty for an exact route.</summary>
    public string WildcardPart { get; set; } = "";

    /// <summary>The chat request in no dialect, read when it is first asked for.</summary>
    public CallerChat Chat
    {
        get
        {
            // Attempts of one request may run at once.
            lock (Attempts)
            {
                return _chat ??= CallerChat.Read(Operation.Dialect, Body.Memory, new RequestLocation(PathModel, Envelope.Stream), Reservation.SetCap);
            }
        }
    }

    /// <summary>True when a Gemini caller wants a stream as one JSON array, which is Gemini's default.</summary>
    public bool WantsJsonArray => Operation.Dialect == DialectId.Gemini && Envelope.Stream && !string.Equals(Http.Request.Query["alt"], "sse", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the request holds of limits and budgets.</summary>
    public ref Reservation Reservation => ref _reservation;

    public ref CandidateList Candidates => ref _candidates;

    public AttemptLog Attempts { get; } = new();

    /// <summary>The deployment that answered, or the one tried last.</summary>
    public DeploymentRuntime? Deployment { get; set; }

    /// <summary>The provider's answer, headers read and body not.</summary>
    public HttpResponseMessage? Upstream { get; set; }

    /// <summary>The answer's body or stream.</summary>
    public ref UpstreamAnswer Answer => ref _answer;

    /// <summary>The dialect the answering provider spoke.</summary>
    public DialectId ProviderDialect { get; set; } = operation.Dialect;

    /// <summary>The provider's HTTP status, or the one that an error at the head of its stream stands for.</summary>
    public int ProviderStatus { get; set; }

    /// <summary>Which guardrail policies apply to the request; empty for none.</summary>
    public string GuardFingerprint => Guard?.Fingerprint ?? "";

    /// <summary>Puts another body in the place of the caller's, of the same meaning to everything but the model. Its envelope is to be read anew.</summary>
    public void ReplaceBody(PooledBody body)
    {
        Body.Return();
        (Body, _chat) = (body, null);
    }

    public ref TokenCounts Tokens => ref (_tokens ??= new UsedTokens()).Counts;

    /// <summary>Makes the tokens of the attempt that answered those of the request: one object for both.</summary>
    public void Adopt(UsedTokens tokens) => _tokens = tokens;

    /// <summary>True when <see cref="Tokens"/> is the provider's own report.</summary>
    public bool HasUsage { get; set; }

    /// <summary>Bytes of generated text that had come when the provider last reported usage.</summary>
    public long ReportedBytes { get; private set; }

    /// <summary>Takes on what the provider reports of an answer under way.</summary>
    public void Report(in TokenCounts tokens)
    {
        if (!HasUsage || tokens.Total != Tokens.Total)
        {
            ReportedBytes = OutputTextBytes;
            Reservation.CoveredBytes = -1;
        }

        Tokens = tokens;
        HasUsage = true;
    }

    /// <summary>Forgets the answer so far: another provider goes on with it.</summary>
    public void BeginLeg()
    {
        Tokens = default;
        HasUsage = false;
        UsageIsWhole = false;
        (ReportedBytes, OutputTextBytes) = (0, 0);
        Reservation.CoveredBytes = 0;
    }

    /// <summary>What was used that is not billed by tokens.</summary>
    public UsageUnits Units { get => _units?.Value ?? default; set => _units = UnitsBox.Of(value); }

    /// <summary>True when an error of the provider is not in the form of its dialect's, which the caller expects.</summary>
    public bool HasForeignErrors { get; set; }

    /// <summary>Bytes of generated text seen, for an estimate when no usage is reported.</summary>
    public long OutputTextBytes
    {
        get;
        set
        {
            field = value;
            Slot?.Output(value);
        }
    }

    /// <summary>What is left behind of the request should this process be killed; null for nothing.</summary>
    public InFlightSlot? Slot { get; set; }

    /// <summary>True when the provider has told all that the stream used: by its final usage, or by all it sent having arrived. Before that a usage that it reports is one so far.</summary>
    public bool UsageIsWhole { get; set; }

    /// <summary>True once a provider may have begun to work, so that tokens may have been used.</summary>
    public bool ProviderEngaged { get; set; }

    public RequestOutcome Outcome { get; set; } = RequestOutcome.Rejected;

    public Failure? Failure { get; set; }

    public int Status { get; set; }

    public long FirstByteTimestamp { get; set; }

    public bool Settled { get; set; }

    /// <summary>When the steps ended; null where nobody wants to know.</summary>
    public StepClock? Steps { get; set; }

    /// <summary>True while its stream is being passed on.</summary>
    public bool IsRelaying { get; set; }

    /// <summary>What the call that answered used.</summary>
    public TokenCounts CallTokens => CallUse?.Tokens ?? Tokens;

    /// <summary>What that cost.</summary>
    public long CallCostNanoUsd => CallUse?.CostNanoUsd ?? CostNanoUsd;

    /// <summary>What the request cost, once it is settled.</summary>
    public long CostNanoUsd { get; set; }


    /// <summary>Bills a call that was broken off because another one was faster: what it reported, or else its prompt.</summary>
    public void AddLoser(in CallResult loser)
    {
        if (loser.Attempt is not { } attempt || loser.Verdict is not (Verdict.Cancelled or Verdict.Answered) && !attempt.Engaged)
        {
            return;
        }

        // What a stream reports before its end is not all that it used.
        var isWhole = attempt is { HasUsage: true, Outcome: not null };
        var tokens = attempt.HasUsage ? attempt.Tokens : UnreportedUse.Seen(this, attempt.Deployment, attempt.OutputTextBytes);
        if (!isWhole)
        {
            UnreportedUse.Widen(this, ref tokens, attempt.HasUsage);
        }

        AddSide(attempt.Deployment, tokens, !isWhole);
    }

    /// <summary>Adds a call that is not the one the request is answered by.</summary>
    public void AddSide(DeploymentRuntime deployment, in TokenCounts tokens, bool estimated)
    {
        var cost = deployment.Pricing.Cost(PriceOf(deployment), tokens, default, BilledUse.Served(tokens, Envelope), out var version);
        (Side ??= new SideUse()).Add(deployment.Provider.Id, tokens, cost, version, estimated);
    }

    /// <summary>Bills the call that broke off, because another one is made.</summary>
    public void BillBroken()
    {
        if (Broken is { } broken)
        {
            AddLoser(broken);
            (Broken, ProviderEngaged) = (null, false);
        }
    }

    /// <summary>What price the request is billed by at a deployment: that of its customer and of the moment it came.</summary>
    public PriceQuery PriceOf(DeploymentRuntime deployment) => new(ModelFor(deployment), Key?.Identity.CustomerId ?? "", StartedAtMicros);

    public string ModelFor(DeploymentRuntime deployment)
    {
        if (!deployment.IsWildcard)
        {
            return deployment.Model;
        }

        // One reference, so that attempts that run at once never see the name of another's deployment.
        if (_wildcardModel is { } made && made.Deployment == deployment && ReferenceEquals(made.Part, WildcardPart))
        {
            return made.Name;
        }

        var name = deployment.Model.Replace("*", WildcardPart, StringComparison.Ordinal);
        _wildcardModel = new WildcardModel(deployment, WildcardPart, name);
        return name;
    }

    public byte[] ModelJsonFor(DeploymentRuntime deployment) =>
        deployment.IsWildcard ? JsonName.Encode(ModelFor(deployment)) : deployment.ModelJson;

    public GatewaySettings Settings => Model.Settings;

    /// <summary>True when an answer is read to its end though nobody waits for it any more.</summary>
    public bool Drains => Settings.OnAbandon == AbandonPolicy.Drain || Cache is { IsLeader: true, Flight.Followers: > 0 };

    /// <summary>Breaks calls off when the caller goes away, unless their answers are read to their end all the same.</summary>
    public CancellationToken CallsCancelled =>
        Settings.OnAbandon == AbandonPolicy.Drain ? CancellationToken.None
        : Cache is { IsLeader: true, Flight: { } flight } ? flight.Unwanted
        : Http.RequestAborted;

    private sealed class WildcardModel(DeploymentRuntime deployment, string part, string name)
    {
        public DeploymentRuntime Deployment { get; } = deployment;

        /// <summary>What the route's <c>*</c> had matched: a fallback's may match something else.</summary>
        public string Part { get; } = part;

        public string Name { get; } = name;
    }
}
