using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Edge.Caching.Flights;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Caching.Replay;

/// <summary>Makes a stored answer, or that of a shared call, the answer of a request: from here on it goes the way of any answer, output guard included.</summary>
internal sealed class HitAnswer(TimeProvider time)
{
    private const int CharsOfAToken = 4;

    // How often a second a paced answer goes on.
    private const int PiecesPerSecond = 10;

    private static readonly AnswerForm _plain = new() { IsRewritten = true, ContentType = AnswerForm.Json };

    /// <summary>Answers with a stored answer.</summary>
    /// <returns>False when it cannot be given in the form that the request asks for.</returns>
    public bool TryGive(RequestContext context, CacheFacts facts, StoredAnswer answer)
    {
        if (context.Route!.Targets.FirstOrDefault(t => t.DeploymentId == answer.DeploymentId)?.Deployment is not { } deployment)
        {
            return false;
        }

        if (!context.Envelope.Stream)
        {
            GivePlain(context, deployment, answer.ProviderDialect, answer.Body.Span);
            return true;
        }

        var dialect = ChatDialects.Get(context.Operation.Dialect);
        if (!dialect.TryReadAnswer(answer.Body, out var whole) || whole.Error is not null)
        {
            return false;
        }

        var request = context.Operation.Dialect == DialectId.OpenAIResponses && context.Chat.Problem is null ? context.Chat.Request : null;
        var writer = dialect.CreateStreamWriter(ChatExchange.AnswerContextFor(context, answer.StoredAt, request) with { JsonArray = false });
        var stream = Play(whole, writer, facts.Rule.ReplayTokensPerSecond);
        Begin(context, deployment, context.Operation.Dialect, writer.ContentType);
        context.Answer.Deadline = Deadline(context, deployment);
        context.Answer.Stream = new StreamSource(stream, Frames(context.Operation.Dialect), context.Answer.Deadline, deployment.Provider.Timeouts.IdleMs);
        context.Answer.Form = Form(context, context.Operation.Dialect, answer.ProviderDialect, deployment.Id);
        return true;
    }

    /// <summary>Answers with what a shared call came to.</summary>
    public void Give(RequestContext context, FlightAnswer answer)
    {
        if (answer.Body is { } body)
        {
            GivePlain(context, answer.Deployment, answer.ProviderDialect, body);
            context.Tokens = answer.Tokens;
            return;
        }

        var dialect = answer.ProviderDialect;
        Begin(context, answer.Deployment, dialect, "text/event-stream");
        context.Answer.Deadline = Deadline(context, answer.Deployment);
        context.Answer.Stream = answer.Log!.Open(isOwner: false, context.Answer.Deadline, context.Route!.Entry.Timeouts.IdleMs ?? answer.Deployment.Provider.Timeouts.IdleMs);
        var exchange = dialect == context.Operation.Dialect ? null : ChatExchange.ForAnswer(context, dialect, time.GetUtcNow());
        context.Answer.Form = AnswerForm.ForStream(context, answer.Deployment, dialect, exchange, time.GetUtcNow());
    }

    private static void GivePlain(RequestContext context, DeploymentRuntime deployment, DialectId providerDialect, ReadOnlySpan<byte> body)
    {
        Begin(context, deployment, providerDialect, null);
        var copy = ArrayPool<byte>.Shared.Rent(Math.Max(1, body.Length));
        body.CopyTo(copy);
        context.Answer.Body = new PooledBody(copy, body.Length);
        context.Answer.Form = _plain;
        context.Outcome = RequestOutcome.Completed;
    }

    private static void Begin(RequestContext context, DeploymentRuntime deployment, DialectId dialect, string? contentType)
    {
        context.Deployment = deployment;
        context.Upstream = new HttpResponseMessage(HttpStatusCode.OK);
        if (contentType is not null)
        {
            context.Upstream.Content = new ByteArrayContent([]);
            context.Upstream.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        context.ProviderStatus = StatusCodes.Status200OK;
        context.ProviderDialect = dialect;
        // Nobody is called: who might have been is of no use to a stream that breaks off.
        context.Candidates = default;
    }

    private CallDeadline Deadline(RequestContext context, DeploymentRuntime deployment) =>
        CallDeadline.Start(context.Route!.Entry.Timeouts.TotalMs ?? deployment.Provider.Timeouts.TotalMs, time, context.Http.RequestAborted, context.Key!.Standing.Cut);

    private static AnswerForm? Form(RequestContext context, DialectId dialect, DialectId providerDialect, string deploymentId)
    {
        if (dialect is DialectId.OpenAIChat or DialectId.OpenAICompletions)
        {
            return null;
        }

        var isArray = dialect == DialectId.Gemini && context.WantsJsonArray;
        return new AnswerForm
        {
            Scan = StreamScans.Create(dialect, context.Envelope.Choices),
            Array = isArray ? new JsonArrayFraming() : null,
            ContentType = isArray ? AnswerForm.Json : null,
            Ids = providerDialect == DialectId.OpenAIResponses ? context.Stored?.Of(deploymentId) : null,
        };
    }

    private static IFrameReader Frames(DialectId dialect) => dialect == DialectId.BedrockConverse ? new EventStreamFrameReader() : new SseFrameReader();

    private ReplayStream Play(ChatAnswer answer, IChatStreamWriter writer, int tokensPerSecond)
    {
        var output = new ArrayBufferWriter<byte>(4_096);
        var ends = new List<int>();
        var tokensOfAPiece = Math.Max(1, tokensPerSecond / PiecesPerSecond);
        foreach (var e in AnswerPlayer.Play(answer, tokensPerSecond == 0 ? int.MaxValue : tokensOfAPiece * CharsOfAToken))
        {
            writer.Write(e, output);
            if (tokensPerSecond > 0 && e.Kind == ChatEventKind.Delta && (ends.Count == 0 ? 0 : ends[^1]) < output.WrittenCount)
            {
                ends.Add(output.WrittenCount);
            }
        }

        if (ends.Count == 0 || ends[^1] < output.WrittenCount)
        {
            ends.Add(output.WrittenCount);
        }

        return new ReplayStream(output.WrittenMemory, ends, tokensPerSecond == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)tokensOfAPiece / tokensPerSecond), time);
    }
}
