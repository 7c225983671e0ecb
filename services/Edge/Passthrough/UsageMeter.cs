using System.Buffers;
using Gateway.Dialects;
using Gateway.Dialects.Framing;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Sse;
using Gateway.Edge.Http;

namespace Gateway.Edge.Passthrough;

/// <summary>Looks at an answer on its way to the caller and remembers what it says of its usage. Never changes or delays a byte.</summary>
internal sealed class UsageMeter : IDisposable
{
    // Larger answers are files, whose first bytes say nothing.
    private const int MaxJsonBytes = 8 * 1024 * 1024;

    private IFrameReader? _frames;
    private PooledBodyWriter? _json;
    private TokenCounts _tokens;

    /// <param name="mediaType">Content type of the answer.</param>
    public UsageMeter(string mediaType)
    {
        IsStream = true;
        if (mediaType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            _frames = new SseFrameReader();
        }
        else if (mediaType.StartsWith("application/vnd.amazon.eventstream", StringComparison.OrdinalIgnoreCase))
        {
            _frames = new EventStreamFrameReader();
        }
        else if (mediaType.Contains("ndjson", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("jsonl", StringComparison.OrdinalIgnoreCase))
        {
            _frames = new JsonFrameReader();
        }
        else
        {
            IsStream = false;
            _json = mediaType.Contains("json", StringComparison.OrdinalIgnoreCase) ? new PooledBodyWriter(4096) : null;
        }
    }

    /// <summary>True for an answer that comes event by event.</summary>
    public bool IsStream { get; }

    /// <summary>True when the provider has reported usage.</summary>
    public bool HasUsage { get; private set; }

    public TokenCounts Tokens => _tokens;

    /// <summary>The model that the answer names, or null.</summary>
    public string? Model { get; private set; }

    /// <summary>Bytes of generated text seen in a stream, where they can be told.</summary>
    public long TextBytes { get; private set; }

    /// <summary>Takes in the next bytes of the answer.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_json is { } json)
        {
            Collect(json, bytes);
            return;
        }

        while (_frames is { } frames && !bytes.IsEmpty)
        {
            var room = frames.GetMemory().Span;
            var taken = Math.Min(room.Length, bytes.Length);
            bytes[..taken].CopyTo(room);
            frames.Advance(taken);
            bytes = bytes[taken..];
            while (frames.TryRead(out var frame))
            {
                Look(frames.Open(frame).Payload);
            }

            if (frames.IsMalformed || frames.Overflowed)
            {
                frames.Dispose();
                _frames = null;
            }
        }
    }

    /// <summary>The answer is whole.</summary>
    public void End()
    {
        if (_json is { } json)
        {
            _json = null;
            var body = json.Detach();
            json.Dispose();
            Look(body.Memory);
            body.Return();
        }
    }

    public void Dispose()
    {
        _frames?.Dispose();
        _json?.Dispose();
    }

    private void Collect(PooledBodyWriter json, ReadOnlySpan<byte> bytes)
    {
        json.Write(bytes);
        if (json.Length > MaxJsonBytes)
        {
            json.Dispose();
            _json = null;
        }
    }

    private void Look(ReadOnlyMemory<byte> payload)
    {
        // "usage", "usageMetadata", "usage_metadata": most events have none.
        if (payload.Span.IndexOf("\"usage"u8) >= 0 && UsageFinder.TryRead(payload, out var tokens, out var model))
        {
            _tokens = _tokens.Larger(tokens);
            HasUsage = true;
            Model ??= model;
        }

        if (IsStream && !HasUsage)
        {
            TextBytes += StreamChunk.Read(payload.Span).TextBytes;
        }
    }
}
