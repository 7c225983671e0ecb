using System.Net;
using System.Runtime.CompilerServices;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Operations;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Translation;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Upstream;

/// <summary>
/// One call of one deployment, and all that comes of it. Nothing is written into the request's context before <see cref="Adopt"/>, so that several attempts of
/// one request can run at once. An attempt has answered only once the whole plain answer, the whole error, or the first event of a stream is there.
/// </summary>
internal sealed partial class UpstreamAttempt(RequestContext context, DeploymentRuntime deployment, TimeoutEntry timeouts, IDrain drain, TimeProvider time) : IDisposable
{
    private readonly UsedTokens _tokens = new();
    private UpstreamAnswer _answer;
    private UnitsBox? _units;
    private ChatExchange? _exchange;
    private OperationCall? _call;
    private int _errorStatus;
    private IReadOnlyList<string>? _dropped;

    public DeploymentRuntime Deployment { get; } = deployment;

    /// <summary>When the call began, in microseconds since the request came; 0 before.</summary>
    public uint StartedMicros { get; private set; }

    /// <summary>How long each phase of this call may take.</summary>
    public TimeoutEntry Timeouts { get; } = timeouts;

    /// <summary>The provider's answer, headers read and body not.</summary>
    public HttpResponseMessage? Response { get; private set; }

    /// <summary>The provider's HTTP status, or 0 when there was none.</summary>
    public int Status => _errorStatus != 0 ? _errorStatus : Response is { } response ? (int)response.StatusCode : 0;

    /// <summary>The dialect this call is made in.</summary>
    public DialectId Dialect { get; private set; } = context.Operation.Dialect;

    /// <summary>The answer's body or stream; after an error status the error's body.</summary>
    public ref UpstreamAnswer Answer => ref _answer;

    public ref TokenCounts Tokens => ref _tokens.Counts;

    /// <summary>True when <see cref="Tokens"/> is the provider's own report.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>What was used that is not billed by tokens.</summary>
    public UsageUnits Units { get => _units?.Value ?? default; private set => _units = UnitsBox.Of(value); }

    /// <summary>Bytes of generated text seen, for an estimate when no usage is reported.</summary>
    public long OutputTextBytes { get; private set; }

    /// <summary>True once the provider may have begun to work, so that tokens may have been used.</summary>
    public bool Engaged { get; private set; }

    /// <summary>
    /// <see cref="RequestOutcome.Completed"/>; <see cref="RequestOutcome.UpstreamError"/> when the provider refused with an error status; null for a fault, and for a
    /// stream, whose end decides.
    /// </summary>
    public RequestOutcome? Outcome { get; private set; }

    /// <summary>How long a provider that refused wants to be left alone, or null.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>True when the gateway gave the answer itself, which says nothing of the provider.</summary>
    public bool IsLocal => _call?.Local is not null;

    /// <summary>Makes the call.</summary>
    /// <param name="cancelled">Ends it: the caller went away, or another attempt has answered.</param>
    /// <returns>Null when the provider answered, with an error status or without; else what went wrong.</returns>
    public ValueTask<UpstreamFault?> RunAsync(CancellationToken cancelled)
    {
        StartedMicros = Math.Max(1, context.MicrosAt(time.GetTimestamp(), time));
        return context.Trace is null ? CallAsync(cancelled) : CallTracedAsync(cancelled);
    }

    private async ValueTask<UpstreamFault?> CallTracedAsync(CancellationToken cancelled)
    {
        EdgeTracing.BeginCall(context, this);
        var fault = await CallAsync(cancelled).ConfigureAwait(false);
        if (fault is not null)
        {
            CallSpan.Lost(context.Trace!.Take(this), fault, Status);
        }

        return fault;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamFault?> CallAsync(CancellationToken cancelled)
    {
        var deadline = CallDeadline.Start(Timeouts.TotalMs, time, cancelled, context.Key!.Standing.Cut);
        deadline.FirstByteMs = Timeouts.FirstByteMs;
        _answer.Deadline = deadline;
        if (context.Envelope.Stream && context.Route!.Entry.Timeouts.FirstTokenMs is { } firstToken)
        {
            deadline.Limit(firstToken);
        }

        try
        {
            if (Begin() is { } impossible)
            {
                return impossible;
            }

            if (_call?.Local is { } local)
            {
                Response = new HttpResponseMessage(HttpStatusCode.OK);
                Take(local);
                return null;
            }

            Response = await SendAsync(deadline).ConfigureAwait(false);
            return Status is < 200 or >= 300
                ? await ReadErrorAsync(Response, deadline).ConfigureAwait(false)
                : await ReadAnswerAsync(Response, deadline).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            var fault = UpstreamFault.From(e, deadline);
            Engaged |= fault.Engaged && !cancelled.IsCancellationRequested;
            return fault;
        }
    }

    /// <summary>Makes this attempt the one the request is answered and billed by. The context owns the answer from now on.</summary>
    public void Adopt()
    {
        context.Deployment = Deployment;
        context.Upstream = Response;
        context.ProviderStatus = Status;
        context.ProviderDialect = Dialect;
        context.Dropped = _dropped ?? _exchange?.Drops.Names ?? _call?.Drops.Names;
        context.RetryAfter = RetryAfter;
        context.HasForeignErrors = _call is { IsForeign: true };
        context.Units = Units;
        context.Answer = _answer;
        context.Adopt(_tokens);
        context.HasUsage = HasUsage;
        context.OutputTextBytes = OutputTextBytes;
        context.ProviderEngaged |= Engaged;
        context.Outcome = Outcome ?? context.Outcome;
        context.CallBegan(StartedMicros);
        if (context.Trace is { } trace)
        {
            // The one before, whose stream broke off and is gone on with.
            CallSpan.Lost(trace.Call, null, 0);
            trace.Call = trace.Take(this);
        }

        _answer = default;
        Response = null;
    }

    /// <summary>Ends the call, unless it was adopted.</summary>
    public void Dispose()
    {
        if (context.Trace is { } trace)
        {
            CallSpan.Lost(trace.Take(this), null, Status);
        }

        _answer.Dispose();
        Response?.Dispose();
    }

    /// <summary>Decides in which dialect the deployment is asked, and translates the request where it is not the caller's.</summary>
    private UpstreamFault? Begin()
    {
        var model = context.ModelFor(Deployment);
        var adapter = Deployment.Provider.Adapter;
        var operation = context.Operation;
        if (operation.Upstream != UpstreamOperation.Chat)
        {
            var refused = OperationCalls.TryBegin(context, Deployment, out _call);
            Dialect = _call?.Target.Dialect ?? Dialect;
            return refused;
        }

        if (adapter.ChatDialect(operation.Dialect, model) is not { } dialect)
        {
            return OperationCalls.NotServed(context, Deployment);
        }

        Dialect = dialect;
        return dialect == operation.Dialect && context.NextLeg is null ? null : ChatExchange.TryBegin(context, Deployment, dialect, time.GetUtcNow(), out _exchange);
    }

    private UpstreamTarget Target => (_call?.Target ?? new(context.Operation.Upstream, Dialect, context.ModelFor(Deployment), context.Envelope.Stream)) with
    {
        Beta = Dialect == DialectId.Anthropic && _exchange is null && _call is not { IsForeign: true } && AsksForBeta(context.Http.Request),
    };

    private static bool AsksForBeta(HttpRequest request) => request.QueryString.HasValue && request.Query["beta"] == "true";

    private ValueTask<HttpResponseMessage> SendAsync(CallDeadline deadline) =>
        _call?.Json() is { } json ? UpstreamCall.SendAsync(context.Http, Deployment, Target, json, deadline)
        : _call?.Content() is { } content ? UpstreamCall.SendAsync(context.Http, Deployment, Target, content, null, deadline)
        : _exchange is { } exchange
        ? UpstreamCall.SendAsync(context.Http, Deployment, Target, exchange.Body, deadline)
        : UpstreamCall.SendAsync(context, Deployment, Target, deadline, out _dropped);
}
