using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>The framing of an answer that comes event by event and is guarded on its way.</summary>
internal sealed class PassedFrames : IDisposable
{
    private readonly EventTexts _events;
    private readonly HeldEvents? _held;
    private readonly PassedEnding? _ending;
    private readonly List<(byte[] Frame, bool HasEvent)> _frames = [];
    private readonly List<PassedEvent> _passed = [];
    private readonly bool _isWrapped;
    private Failure? _failure;
    private GuardOutcome? _stopped;
    private long? _after;
    private byte[] _lastFrame = [];
    private bool _wasWrapped;

    private PassedFrames(RequestContext context, GuardRunner runner, IFrameReader frames, bool isWrapped)
    {
        (_events, Frames, _isWrapped) = (EventTexts.For(context)!, frames, isWrapped);
        (_held, _ending) = (HeldEvents.For(context, runner), PassedEnding.For(context, runner.Time.GetUtcNow()));
    }

    /// <summary>Cuts the answer's bytes.</summary>
    public IFrameReader Frames { get; }

    /// <summary>Why nothing more may pass; null while it may.</summary>
    public Failure? Failure => _failure ?? _events.Failure;

    /// <summary>True where nothing passes before the answer is whole.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>The framing of an answer of a type; null for answers that are no events.</summary>
    /// <param name="mediaType">The type.</param>
    /// <param name="context">The request, whose answers are looked at.</param>
    /// <param name="runner">Runs rules that are asked about whole answers.</param>
    public static PassedFrames? For(string mediaType, RequestContext context, GuardRunner runner) =>
        mediaType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) ? new PassedFrames(context, runner, new SseFrameReader(), false)
        : mediaType.StartsWith("application/vnd.amazon.eventstream", StringComparison.OrdinalIgnoreCase) ? new PassedFrames(context, runner, new EventStreamFrameReader(), true)
        : mediaType.Contains("ndjson", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("jsonl", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("stream+json", StringComparison.OrdinalIgnoreCase)
            ? new PassedFrames(context, runner, new JsonFrameReader(), false)
        : null;

    /// <summary>Guards events whose bytes are cut elsewhere.</summary>
    /// <param name="context">The request, whose answers are looked at.</param>
    /// <param name="runner">Runs rules that are asked about whole answers.</param>
    /// <param name="after">The number of the event after which the caller wants to go on; null for all. Those before are looked at and left out.</param>
    public static PassedFrames OfServerSentEvents(RequestContext context, GuardRunner runner, long? after = null) => new(context, runner, new SseFrameReader(), false) { _after = after };

    /// <summary>Takes a frame and writes what goes on in its place.</summary>
    public void Write(ReadOnlyMemory<byte> frame, IBufferWriter<byte> output)
    {
        if (_held is null)
        {
            Pass(frame, null, output);
            return;
        }

        var own = frame.ToArray();
        var opened = Frames.Open(own);
        _frames.Add((own, !opened.Payload.IsEmpty));
        if (!opened.Payload.IsEmpty)
        {
            _held.Add((_isWrapped ? Unwrap(opened.Payload) : null) ?? opened.Payload);
            _failure = _held.IsOverfull ? GuardFailures.Unavailable() : null;
        }
    }

    private void Pass(ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte>? changed, IBufferWriter<byte> output)
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
        _ending?.Came(changed ?? payload);
        _events.Pass(changed ?? payload, opened.EventName, _passed);
        foreach (var passed in _passed)
        {
            _ending?.Passed(passed.Json, passed.Name);
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
    public async ValueTask CompleteAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (_held is not null && _failure is null)
        {
            (_failure, _stopped) = await _held.CheckAsync(cancellationToken).ConfigureAwait(false);
            Replay(_held, output);
        }

        _passed.Clear();
        _events.Complete(_passed);
        foreach (var passed in _passed)
        {
            _ending?.Passed(passed.Json, passed.Name);
            Write(_lastFrame, passed, _wasWrapped, output);
        }
    }

    /// <summary>Ends an answer in order, as its dialect ends one that a filter ended.</summary>
    /// <returns>False where the rules did not end it, or nobody knows how: an error is to be told.</returns>
    public bool TryEnd(IBufferWriter<byte> output)
    {
        if (Failure is not { } failure)
        {
            return false;
        }

        if (Frames is JsonFrameReader)
        {
            // Lines of JSON have one form of error.
            output.Write(Encoding.UTF8.GetBytes(new JsonObject { ["error"] = failure.Message }.ToJsonString() + "\n"));
            return true;
        }

        if ((_stopped ?? _events.Stopped) is not { IsFailure: false } stopped || _ending?.End(stopped.Message) is not { } ending)
        {
            return false;
        }

        foreach (var e in ending)
        {
            Write(_lastFrame, e, _wasWrapped, output);
        }

        return true;
    }

    private void Replay(HeldEvents held, IBufferWriter<byte> output)
    {
        var next = 0;
        foreach (var (frame, hasEvent) in _frames)
        {
            if (_failure is not null && hasEvent)
            {
                // Nothing of it passes; its form tells how it ends.
                var payload = Frames.Open(frame).Payload;
                var inner = _isWrapped ? Unwrap(payload) : null;
                (_lastFrame, _wasWrapped) = (frame, inner is not null);
                _ending?.Came(inner ?? payload);
                continue;
            }

            Pass(frame, hasEvent ? held.Changed(next++) : null, output);
            if (Failure is not null)
            {
                return;
            }
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
