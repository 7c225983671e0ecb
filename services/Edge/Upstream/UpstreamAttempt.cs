using System.Runtime.CompilerServices;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Upstream;

/// <summary>
/// One call of one deployment, and all that comes of it. Nothing is written into the request's context before <see cref="Adopt"/>, so that several attempts of
/// one request can run at once. An attempt has answered only once the whole plain answer, the whole error, or the first event of a stream is there.
/// </summary>
internal sealed class UpstreamAttempt(RequestContext context, DeploymentRuntime deployment, TimeoutEntry timeouts, IDrain drain, TimeProvider time) : IDisposable
{
    private UpstreamAnswer _answer;
    private TokenCounts _tokens;

    public DeploymentRuntime Deployment { get; } = deployment;

    /// <summary>How long each phase of this call may take.</summary>
    public TimeoutEntry Timeouts { get; } = timeouts;

    /// <summary>The provider's answer, headers read and body not.</summary>
    public HttpResponseMessage? Response { get; private set; }

    /// <summary>The provider's HTTP status, or 0 when there was none.</summary>
    public int Status => Response is { } response ? (int)response.StatusCode : 0;

    /// <summary>The dialect this call is made in.</summary>
    public DialectId Dialect { get; } = DialectId.OpenAIChat;

    /// <summary>The answer's body or stream; after an error status the error's body.</summary>
    public ref UpstreamAnswer Answer => ref _answer;

    public ref TokenCounts Tokens => ref _tokens;

    /// <summary>True when <see cref="Tokens"/> is the provider's own report.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>Bytes of generated text seen, for an estimate when no usage is reported.</summary>
    public long OutputTextBytes { get; private set; }

    /// <summary>True once the provider may have begun to work, so that tokens may have been used.</summary>
    public bool Engaged { get; private set; }

    /// <summary>
    /// <see cref="RequestOutcome.Completed"/>; <see cref="RequestOutcome.UpstreamError"/> when the provider refused with an error status; null for a fault, and for a
    /// stream, whose end decides.
    /// </summary>
    public RequestOutcome? Outcome { get; private set; }

    /// <summary>Makes the call.</summary>
    /// <param name="cancelled">Ends it: the caller went away, or another attempt has answered.</param>
    /// <returns>Null when the provider answered, with an error status or without; else what went wrong.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UpstreamFault?> RunAsync(CancellationToken cancelled)
    {
        var deadline = CallDeadline.Start(Timeouts.TotalMs, time, cancelled);
        deadline.FirstByteMs = Timeouts.FirstByteMs;
        _answer.Deadline = deadline;
        if (context.Envelope.Stream && context.Route!.Entry.Timeouts.FirstTokenMs is { } firstToken)
        {
            deadline.Limit(firstToken);
        }

        try
        {
            Response = await UpstreamCall.SendAsync(context, Deployment, deadline).ConfigureAwait(false);
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
        context.Answer = _answer;
        context.Tokens = _tokens;
        context.HasUsage = HasUsage;
        context.OutputTextBytes = OutputTextBytes;
        context.ProviderEngaged |= Engaged;
        context.Outcome = Outcome ?? context.Outcome;
        _answer = default;
        Response = null;
    }

    /// <summary>Ends the call, unless it was adopted.</summary>
    public void Dispose()
    {
        _answer.Dispose();
        Response?.Dispose();
    }

    private async ValueTask<UpstreamFault?> ReadErrorAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        if (Status < 400)
        {
            // A redirect would carry the prompt and the credential to wherever it points.
            return new UpstreamFault(GatewayError.UpstreamInvalid, "redirect refused", false);
        }

        _answer.Body = await ResponseBodyReader.ReadAsync(response, deadline, Timeouts.IdleMs).ConfigureAwait(false);
        Outcome = RequestOutcome.UpstreamError;
        return null;
    }

    private ValueTask<UpstreamFault?> ReadAnswerAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        Engaged = true;
        return context.Envelope.Stream ? BeginStreamAsync(response, deadline) : ReadPlainAsync(response, deadline);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamFault?> ReadPlainAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        _answer.Body = await ResponseBodyReader.ReadAsync(response, deadline, Timeouts.IdleMs).ConfigureAwait(false);
        var usage = UsageReader.ReadAnswer(_answer.Body.Span, out _tokens);
        if (usage == AnswerUsage.NotAnAnswer)
        {
            return new UpstreamFault(GatewayError.UpstreamInvalid, "the answer is not a JSON object", true);
        }

        HasUsage = usage == AnswerUsage.Found;
        OutputTextBytes = HasUsage ? 0 : _answer.Body.Length;
        Outcome = RequestOutcome.Completed;
        return null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamFault?> BeginStreamAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        if (!UpstreamFault.MediaType(response.Content.Headers).StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return new UpstreamFault(GatewayError.UpstreamInvalid, "a stream was asked for and something else came", true);
        }

        deadline.EndWith(drain.Deadline);
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var source = new StreamSource(stream, deadline, Timeouts.IdleMs);
        _answer.Stream = source;
        if (!await source.FillAsync().ConfigureAwait(false))
        {
            return new UpstreamFault(GatewayError.UpstreamCut, source.HasPartialFrame ? "the stream was cut in its first event" : "the stream ended before its first event", true);
        }

        deadline.EndLimit();
        return StreamChunk.Read(SseData.Find(source.Peek()).Span).Kind switch
        {
            StreamChunkKind.Malformed => new UpstreamFault(GatewayError.UpstreamInvalid, "the first event of the stream is not valid JSON", true),
            StreamChunkKind.Error => new UpstreamFault(GatewayError.UpstreamUnavailable, "the stream began with an error", true),
            _ => null,
        };
    }
}
