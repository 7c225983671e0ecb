using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Journal;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.RequestLog;

/// <summary>
/// The request log where requests meet it. Most requests have nothing to tell that their usage record does not, and cost nothing here: an entry is made for those that failed, were
/// tried again, were looked at by a step that notes it, asked for an explanation, are sampled, or whose bodies are kept. Never waits: what the queue has no room for is
/// left out and counted.
/// </summary>
internal sealed class RequestLogger(RequestLogMode mode, InFlightSlots slots, LogMemory memory, LogMetrics metrics, TimeProvider time)
{
    /// <summary>Entries that wait for the worker at most.</summary>
    public const int QueueLength = 8_192;

    private const int MostUserAgent = 200;

    private readonly Channel<LogDraft> _queue = Channel.CreateBounded<LogDraft>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    public ChannelReader<LogDraft> Drafts => _queue.Reader;

    /// <summary>True where entries are made, which tell when each step ended.</summary>
    public bool TellsSteps => mode != RequestLogMode.Off;

    /// <summary>Once the body is there: begins to keep it, where that is wanted. Gives on what came of reading it.</summary>
    public Failure? Begin(RequestContext context, Failure? failure)
    {
        if (mode != RequestLogMode.Off && LevelOf(context) == RequestLogLevel.Bodies)
        {
            var capture = new LogCapture(memory, context.Settings.RequestLogDetail.MaxBodyBytes);
            capture.Request.Add(context.Body.Span);
            context.Log = capture;
        }

        return failure;
    }

    /// <summary>Keeps a plain answer, where that is wanted.</summary>
    public static void Answered(RequestContext context, ReadOnlyMemory<byte> body) => context.Log?.TakeAnswer(body.Span);

    /// <summary>Where a stream is written to, watched where that is wanted.</summary>
    public static PipeWriter Watch(RequestContext context, PipeWriter output) => context.Log?.Watch(output) ?? output;

    /// <summary>The id that the usage record is to have: the slot's, else a new one where an entry will name it, else 0 for one that the journal assigns.</summary>
    public UInt128 RecordId(RequestContext context, InFlightSlot? slot) =>
        slot is not null ? slot.RecordId : Wants(context) ? slots.NextId() : 0;

    /// <summary>Called once the usage record is written.</summary>
    public void Settled(RequestContext context, in UsageEntry usage)
    {
        if (!Wants(context))
        {
            return;
        }

        if (context.Log is { } capture)
        {
            // Its answer is still to go out.
            capture.Usage = usage;
            capture.RecordId = usage.GivenId;
            capture.IsSettled = true;
        }
        else
        {
            Queue(context, usage, usage.GivenId);
        }
    }

    /// <summary>Called at the end of a request of the pipeline, when its answer has gone out.</summary>
    public void Complete(RequestContext context)
    {
        if (context.Log is { } capture)
        {
            context.Log = null;
            if (capture.IsSettled)
            {
                Queue(context, capture.Usage, capture.RecordId, capture);
            }
            else
            {
                capture.Return();
                context.Trace?.Stop();
            }
        }
    }

    /// <summary>No more entries come.</summary>
    public void Close() => _queue.Writer.TryComplete();

    private bool Wants(RequestContext context)
    {
        if (mode == RequestLogMode.Off || context.Key is null)
        {
            return false;
        }

        return LevelOf(context) switch
        {
            RequestLogLevel.None => false,
            RequestLogLevel.Bodies => true,
            _ => mode == RequestLogMode.Everything || context.Log is not null || HasToTell(context) || IsSampled(context),
        };
    }

    private static RequestLogLevel LevelOf(RequestContext context) => context.Key?.Identity.RequestLog ?? context.Settings.RequestLog;

    private static bool HasToTell(RequestContext context) =>
        context.Outcome != RequestOutcome.Completed || context.Failure is not null || context.Attempts.Made > 1 || context.Attempts.Count > 0
        || context.IsNotable || context.Continued is not null || context.Http.Request.Headers.ContainsKey(GatewayHeaders.Explain);

    // By the time it came, so that it is the same however often it is asked.
    private static bool IsSampled(RequestContext context) =>
        context.Settings.RequestLogDetail.SamplePercent is > 0 and var percent && (uint)(context.StartedAtMicros * 2654435761L >> 16) % 100 < percent;

    private void Queue(RequestContext context, in UsageEntry usage, UInt128 id, LogCapture? capture = null)
    {
        var userAgent = context.Http.Request.Headers.UserAgent.ToString();
        var draft = new LogDraft
        {
            RecordId = id,
            Usage = usage,
            RequestId = context.Http.TraceIdentifier,
            Failure = context.Failure,
            Events = context.Answer.Stream?.Events ?? 0,
            Client = context.Settings.RequestLogDetail.ClientAddress == ClientAddressPolicy.None ? null : context.Http.Connection.RemoteIpAddress,
            UserAgent = userAgent.Length <= MostUserAgent ? userAgent : userAgent[..MostUserAgent],
            Decision = Decision(context),
            Notes = context.Notes,
            Dropped = context.Dropped ?? [],
            Settings = context.Settings.RequestLogDetail,
            Dialect = context.Operation.Dialect,
            IsChat = context.Operation.Operation is Operation.Chat or Operation.Completion,
            IsJsonArray = capture is { IsStream: true } && context.WantsJsonArray,
            Form = capture is null ? null : context.Form,
            AnswerType = capture is null ? "" : context.Http.Response.ContentType ?? "",
            Capture = capture,
            Trace = capture is not null && context.Trace is { IsHandedOn: true } trace ? trace : null,
        };
        if (!_queue.Writer.TryWrite(draft))
        {
            capture?.Return();
            draft.Trace?.Stop();
            metrics.Left("entry", "queue");
        }
    }

    private string Decision(RequestContext context)
    {
        if (context.Decision is { } decision)
        {
            return decision.ToJson(context, time);
        }

        if (context.Attempts.Count == 0 && context.Steps is null)
        {
            return "";
        }

        using var buffer = new MemoryStream(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("calls"u8, context.Attempts.Made);
            context.Attempts.WriteTo(writer);
            context.Steps?.WriteTo(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}

/// <summary>Where the request log goes.</summary>
internal enum RequestLogMode
{
    /// <summary>Nowhere: an edge alone, whose file names no place for it.</summary>
    Off,

    /// <summary>To governance, which has the usage records: only what they do not say.</summary>
    Details,

    /// <summary>To a file, which has nothing else: every request.</summary>
    Everything,
}
