using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>The framing of an answer that comes event by event and is guarded on its way.</summary>
internal sealed class PassedFrames : IDisposable
{
    private readonly EventTexts _events;
    private readonly List<PassedEvent> _passed = [];
    private readonly bool _isWrapped;
    private long? _after;
    private byte[] _lastFrame = [];
    private bool _wasWrapped;

    private PassedFrames(EventTexts events, IFrameReader frames, bool isWrapped) => (_events, Frames, _isWrapped) = (events, frames, isWrapped);

    /// <summary>Cuts the answer's bytes.</summary>
    public IFrameReader Frames { get; }

    /// <summary>Why nothing more may pass; null while it may.</summary>
    public Failure? Failure => _events.Failure;

    /// <summary>The framing of an answer of a type; null for answers that are no events.</summary>
    public static PassedFrames? For(string mediaType, EventTexts events) =>
        mediaType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) ? new PassedFrames(events, new SseFrameReader(), false)
        : mediaType.StartsWith("application/vnd.amazon.eventstream", StringComparison.OrdinalIgnoreCase) ? new PassedFrames(events, new EventStreamFrameReader(), true)
        : mediaType.Contains("ndjson", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("jsonl", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("stream+json", StringComparison.OrdinalIgnoreCase)
            ? new PassedFrames(events, new JsonFrameReader(), false)
        : null;

    /// <summary>Guards events whose bytes are cut elsewhere.</summary>
    /// <param name="events">The guard.</param>
    /// <param name="after">The number of the event after which the caller wants to go on; null for all. Those before are looked at and left out.</param>
    public static PassedFrames OfServerSentEvents(EventTexts events, long? after = null) => new(events, new SseFrameReader(), false) { _after = after };

    /// <summary>Takes a frame and writes what goes on in its place.</summary>
    public void Write(ReadOnlyMemory<byte> frame, IBufferWriter<byte> output)
    {
        var opened = Frames.Open(frame);
        if (opened.Payload.IsEmpty)
        {
            output.Write(frame.Span);
            return;
        }

        var inner = _isWrapped ? Unwrap(opened.Payload) : null;
        var payload = inner ?? opened.Payload;
        _passed.Clear();
        _events.Pass(payload, opened.EventName, _passed);
        foreach (var passed in _passed)
        {
            if (_after is { } after && Number(payload) <= after)
            {
                continue;
            }

            if (!passed.IsInserted && passed.Json.Span.Overlaps(payload.Span, out var offset) && offset == 0 && passed.Json.Length == payload.Length)
            {
                output.Write(frame.Span);
                if (Frames is JsonFrameReader)
                {
                    output.Write("\n"u8);
                }
            }
            else
            {
                Write(frame.Span, passed, inner is not null, output);
            }
        }

        if (Frames is EventStreamFrameReader)
        {
            (_lastFrame, _wasWrapped) = (frame.ToArray(), inner is not null);
        }
    }

    /// <summary>Writes what was held back; nothing follows.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        _passed.Clear();
        _events.Complete(_passed);
        foreach (var passed in _passed)
        {
            Write(_lastFrame, passed, _wasWrapped, output);
        }
    }

    public void Dispose() => Frames.Dispose();

    private void Write(ReadOnlySpan<byte> frame, in PassedEvent passed, bool isWrapped, IBufferWriter<byte> output)
    {
        switch (Frames)
        {
            case SseFrameReader when !passed.IsInserted:
                SseData.Replace(frame, passed.Json.Span, output);
                break;
            case SseFrameReader:
                SseData.Write(passed.Name.Span, passed.Json.Span, output);
                break;
            case EventStreamFrameReader when passed.IsInserted && !isWrapped && passed.Name.Length > 0:
                EventStreamMessage.WriteEvent(output, passed.Name.Span, passed.Json.Span);
                break;
            case EventStreamFrameReader:
                EventStreamMessage.WriteLike(output, frame, isWrapped ? Wrap(passed.Json.Span) : passed.Json.Span);
                break;
            default:
                output.Write(passed.Json.Span);
                output.Write("\n"u8);
                break;
        }
    }

    private static long Number(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 1024 });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("sequence_number"u8, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var value)
                ? value
                : long.MaxValue;
        }
        catch (JsonException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>What <c>InvokeModelWithResponseStream</c> carries: the event of the model's own API, in base64.</summary>
    private static ReadOnlyMemory<byte>? Unwrap(ReadOnlyMemory<byte> payload)
    {
        if (payload.Span.IndexOf("\"bytes\""u8) < 0)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("bytes"u8, out var bytes) && bytes.ValueKind == JsonValueKind.String && bytes.TryGetBytesFromBase64(out var inner)
                ? inner
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Wrap(ReadOnlySpan<byte> json)
    {
        var wrapped = new byte[Base64.GetMaxEncodedToUtf8Length(json.Length) + 12];
        "{\"bytes\":\""u8.CopyTo(wrapped);
        Base64.EncodeToUtf8(json, wrapped.AsSpan(10), out _, out var written);
        "\"}"u8.CopyTo(wrapped.AsSpan(10 + written));
        return wrapped;
    }
}
