using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native;

/// <summary>How a dialect puts events on the wire.</summary>
internal enum Framing
{
    /// <summary>Server-sent events with names.</summary>
    NamedSse,

    /// <summary>Server-sent events of data only.</summary>
    Sse,

    /// <summary>One JSON array, an element an event.</summary>
    JsonArray,

    /// <summary>AWS's binary event stream.</summary>
    EventStream,
}

/// <summary>A stream made of frames.</summary>
internal sealed class FrameEvents(IReadOnlyList<Frame> frames, Framing framing, SimulatorBehaviour behaviour, Func<string?, Frame> error, string done = "") : IStreamEvents
{
    private readonly List<Frame> _frames = [.. frames.Where(f => !f.IsEnd)];
    private readonly List<Frame> _end = [.. frames.Where(f => f.IsEnd)];
    private int _messages;

    public int Number { get; private set; }

    public int Tokens { get; private set; }

    public int Count => _frames.Count;

    public (int From, int Count) Timed => (Math.Max(0, _frames.FindIndex(f => f.Tokens > 0)), _frames.Count(f => f.Tokens > 0));

    public IEnumerable<ReadOnlyMemory<byte>> All()
    {
        foreach (var frame in _frames)
        {
            Number++;
            Tokens += frame.Tokens;
            yield return Bytes(frame.Name, Json(frame.Payload));
        }
    }

    public ReadOnlyMemory<byte> Broken()
    {
        var frame = _frames[Number - 1];
        var json = Json(frame.Payload);
        return Bytes(frame.Name, json[..(json.Length / 2)]);
    }

    public ReadOnlyMemory<byte> Error(string? code)
    {
        var frame = error(code);
        return framing == Framing.EventStream ? EventStream.Exception(frame.Name!, Encoding.UTF8.GetBytes(NativeJson.Text(frame.Payload))) : Bytes(frame.Name, NativeJson.Text(frame.Payload));
    }

    public ReadOnlyMemory<byte> Done()
    {
        using var all = new MemoryStream();
        foreach (var frame in _end)
        {
            Number++;
            all.Write(Bytes(frame.Name, Json(frame.Payload)).Span);
        }

        all.Write(Encoding.UTF8.GetBytes(framing == Framing.JsonArray ? "]" : done));
        return all.ToArray();
    }

    private string Json(JsonNode payload)
    {
        var json = NativeJson.Text(payload);
        var more = new StringBuilder();
        if (behaviour.Extra)
        {
            _ = more.Append(",\"x_extra\":{\"big\":12345678901234567890,\"precise\":1.10,\"text\":\"\\u00e9\\/\\n\",\"list\":[null,true,{}]}");
        }

        if (behaviour.Stamp)
        {
            _ = more.Append(",\"x_sent_us\":").Append(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));
        }

        var wanted = Number == 1 ? Math.Max(behaviour.EventBytes, behaviour.Huge) : behaviour.EventBytes;
        if (wanted > json.Length + more.Length)
        {
            _ = more.Append(",\"p\":\"").Append('x', wanted - json.Length - more.Length).Append('"');
        }

        return more.Length == 0 ? json : string.Concat(json.AsSpan(0, json.Length - 1), json.Length == 2 ? more.ToString().AsSpan(1) : more.ToString(), "}");
    }

    private ReadOnlyMemory<byte> Bytes(string? name, string json)
    {
        _messages++;
        if (framing == Framing.EventStream)
        {
            return EventStream.Event(name!, Encoding.UTF8.GetBytes(json), damaged: _messages == behaviour.BadCrc);
        }

        if (framing == Framing.JsonArray)
        {
            return Encoding.UTF8.GetBytes((_messages == 1 ? "[" : ",\r\n") + json);
        }

        var end = behaviour.Crlf ? "\r\n" : "\n";
        return Encoding.UTF8.GetBytes((behaviour.Comments ? ": simulator processing" + end + end : "") + (framing == Framing.NamedSse && name is not null ? "event: " + name + end : "") + "data: " + json + end + end);
    }
}
