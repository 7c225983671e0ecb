using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gateway.LlmSimulator.Behaviour;

/// <summary>
/// The names by which a behaviour is set: <c>tokens=20&amp;latency=50</c> after the <c>?</c> of a model name, in the control
/// endpoint's JSON, or as <c>--tokens 20</c>. One table, so that all three agree and the help is complete.
/// </summary>
public static class BehaviourKnobs
{
    private const int MaxCount = 100_000_000;

    private static readonly Knob[] _table =
    [
        Whole("seed", "what words, vectors and jitter are drawn from (1)", 0, int.MaxValue, (b, v) => b with { Seed = v }),
        Whole("tokens", "completion tokens, one stream event each (16)", 0, 1_000_000, (b, v) => b with { Tokens = v }),
        Whole("latency", "ms before the headers", 0, 3_600_000, (b, v) => b with { LatencyMs = v }),
        Whole("jitter", "up to this many ms more, drawn by seed", 0, 3_600_000, (b, v) => b with { JitterMs = v }),
        Whole("ttft", "ms from the headers to a stream's first token", 0, 3_600_000, (b, v) => b with { TtftMs = v }),
        new("rate", "tokens per second of a stream (0: at once)", "a number of 0 or more", (b, t) => double.TryParse(t, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var v) ? b with { Rate = v } : null),
        Whole("chunk", "bytes of body per write, cutting anywhere", 0, MaxCount, (b, v) => b with { Chunk = v }),
        Whole("slowBody", "ms between writes of the body (pieces of `chunk` or 16 bytes)", 0, 3_600_000, (b, v) => b with { SlowBodyMs = v }),
        Whole("slowHeaders", "ms between single bytes of the response head", 0, 60_000, (b, v) => b with { SlowHeadersMs = v }),
        Whole("cut", "break the connection after n bytes of body", 0, MaxCount, (b, v) => b with { Cut = v }),
        Flag("reset", "cut or drop by TCP reset", (b, v) => b with { Reset = v }),
        Flag("drop", "close without any answer", (b, v) => b with { Drop = v }),
        Whole("truncate", "end the body cleanly after n bytes", 0, MaxCount, (b, v) => b with { Truncate = v }),
        Whole("endAfter", "end a stream cleanly after n events, unfinished", 0, MaxCount, (b, v) => b with { EndAfter = v }),
        Flag("noDone", "end a stream cleanly without [DONE]", (b, v) => b with { NoDone = v }),
        Whole("malformed", "the n-th event (from 1) is broken JSON", 0, MaxCount, (b, v) => b with { Malformed = v }),
        Whole("faults", "percent of answers with one of the faults above or below, drawn by seed and request", 0, 100, (b, v) => b with { Faults = v }),
        Whole("streamError", "an error object instead of the n-th event, then the end", 0, MaxCount, (b, v) => b with { StreamError = v }),
        new("status", "answer with this HTTP status and an error in OpenAI's shape", "0 or 400 to 599", (b, t) => TryWhole(t, 0, 599, out var v) && v is 0 or >= 400 ? b with { Status = v } : null),
        Whole("retryAfter", "the retry-after header, seconds", 0, 1_000_000, (b, v) => b with { RetryAfter = v }),
        Text("error", "the error's `code`", (b, v) => b with { Error = v }),
        Flag("rateHeaders", "x-ratelimit-* headers on good answers too", (b, v) => b with { RateHeaders = v }),
        new("stall", "stop for ever: headers, firstByte, body or end", "one of none, headers, firstByte, body, end", (b, t) => Enum.TryParse<StallPhase>(t, ignoreCase: true, out var v) && Enum.IsDefined(v) && !char.IsAsciiDigit(t[0]) ? b with { Stall = v } : null),
        Text("contentType", "claim this content type", (b, v) => b with { ContentType = v }),
        Flag("html", "the body is an HTML page", (b, v) => b with { Html = v }),
        Flag("empty", "the body is empty", (b, v) => b with { Empty = v }),
        Whole("huge", "pad the first event (or the answer) to one line of n bytes", 0, MaxCount, (b, v) => b with { Huge = v }),
        Whole("eventBytes", "pad every stream event to n bytes", 0, 1_000_000, (b, v) => b with { EventBytes = v }),
        Flag("stamp", "x_sent_us in every event: monotonic clock, microseconds", (b, v) => b with { Stamp = v }),
        Flag("usage", "0 leaves usage out altogether (1)", (b, v) => b with { Usage = v }),
        Flag("extra", "unknown fields in answers and events", (b, v) => b with { Extra = v }),
        Whole("tools", "answer with n tool calls when the request offers tools", 0, 64, (b, v) => b with { Tools = v }),
        Flag("toolsAgain", "call tools after tool results too, for ever", (b, v) => b with { ToolsAgain = v }),
        Text("finish", "the finish reason to give", (b, v) => b with { Finish = v }),
        Flag("echo", "answer with the request's last text", (b, v) => b with { Echo = v }),
        Text("text", "answer with this text, a token per word", (b, v) => b with { Text = v }),
        Flag("resume", "go on with the answer that the conversation ends with the beginning of", (b, v) => b with { Resume = v }),
        Whole("repeat", "with `resume`: begin with the last n characters that are there already", 0, MaxCount, (b, v) => b with { Repeat = v }),
        Flag("runningUsage", "every event of an OpenAI stream reports the usage so far", (b, v) => b with { RunningUsage = v }),
        Whole("cached", "prompt tokens reported as read from the provider's cache", 0, MaxCount, (b, v) => b with { Cached = v }),
        Whole("reasoning", "reasoning tokens reported within the completion", 0, MaxCount, (b, v) => b with { Reasoning = v }),
        Whole("cacheWrite", "prompt tokens reported as written to the cache", 0, MaxCount, (b, v) => b with { CacheWrite = v }),
        Whole("cacheWrite1h", "prompt tokens reported as written to the cache for an hour", 0, MaxCount, (b, v) => b with { CacheWriteLong = v }),
        Whole("audioIn", "prompt tokens reported as audio", 0, MaxCount, (b, v) => b with { AudioIn = v }),
        Whole("audioOut", "completion tokens reported as audio", 0, MaxCount, (b, v) => b with { AudioOut = v }),
        Whole("thinking", "tokens of thinking before the answer, signed where the dialect signs", 0, 1_000_000, (b, v) => b with { Thinking = v }),
        Flag("redacted", "the thinking is redacted", (b, v) => b with { Redacted = v }),
        Flag("refuse", "refuse or filter, as the dialect says it", (b, v) => b with { Refuse = v }),
        Whole("recut", "cut the body at random places drawn from this seed", 0, int.MaxValue, (b, v) => b with { Recut = v }),
        Whole("badCrc", "the n-th message of a binary stream has a wrong checksum", 0, MaxCount, (b, v) => b with { BadCrc = v }),
        Text("replay", "answer with the recording of this id", (b, v) => b with { Replay = v }),
        Flag("comments", "SSE comments between events", (b, v) => b with { Comments = v }),
        Flag("crlf", "SSE lines end in CR LF", (b, v) => b with { Crlf = v }),
        Whole("dims", "length of embeddings when the request names none (1536)", 1, 65_536, (b, v) => b with { Dims = v }),
    ];

    private static readonly Dictionary<string, Knob> _byName = _table.ToDictionary(k => k.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Each knob's name and one line of help, in the order of the table.</summary>
    public static IEnumerable<(string Name, string Help)> Help => _table.Select(k => (k.Name, k.Help));

    /// <summary>Sets one knob.</summary>
    /// <param name="start">What the knob changes.</param>
    /// <param name="name">The knob, any case.</param>
    /// <param name="value">Its value; flags take 1, 0, true and false.</param>
    /// <param name="behaviour">The result.</param>
    /// <param name="error">Else what is wrong and what would be right.</param>
    /// <returns>Whether it was understood.</returns>
    public static bool TrySet(SimulatorBehaviour start, string name, string value, [NotNullWhen(true)] out SimulatorBehaviour? behaviour, [NotNullWhen(false)] out string? error)
    {
        behaviour = null;
        error = null;
        if (!_byName.TryGetValue(name, out var knob))
        {
            error = $"Unknown simulator knob `{name}`; the knobs are: {string.Join(", ", _table.Select(k => k.Name))}.";
            return false;
        }

        behaviour = knob.Set(start, value);
        error = behaviour is null ? $"Simulator knob `{knob.Name}` takes {knob.Takes}, not `{value}`." : null;
        return behaviour is not null;
    }

    /// <summary>Sets knobs written as a query, values percent-encoded where needed; a name without <c>=</c> means 1.</summary>
    /// <param name="start">What the knobs change.</param>
    /// <param name="query">For example <c>tokens=20&amp;noDone&amp;text=two%20words</c>; empty changes nothing.</param>
    /// <param name="behaviour">The result.</param>
    /// <param name="error">Else what is wrong and what would be right.</param>
    /// <returns>Whether all of it was understood.</returns>
    public static bool TryApply(SimulatorBehaviour start, string query, [NotNullWhen(true)] out SimulatorBehaviour? behaviour, [NotNullWhen(false)] out string? error)
    {
        behaviour = start;
        error = null;
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? pair : pair[..equals];
            var value = equals < 0 ? "1" : Uri.UnescapeDataString(pair[(equals + 1)..]);
            if (!TrySet(behaviour, name, value, out behaviour, out error))
            {
                return false;
            }
        }

        return true;
    }

    private static Knob Whole(string name, string help, int least, int most, Func<SimulatorBehaviour, int, SimulatorBehaviour> set)
        => new(name, help, $"a whole number from {least} to {most}", (b, t) => TryWhole(t, least, most, out var v) ? set(b, v) : null);

    private static Knob Flag(string name, string help, Func<SimulatorBehaviour, bool, SimulatorBehaviour> set)
        => new(name, help, "1, 0, true or false", (b, t) => t switch { "1" or "true" => set(b, true), "0" or "false" => set(b, false), _ => null });

    private static Knob Text(string name, string help, Func<SimulatorBehaviour, string, SimulatorBehaviour> set)
        => new(name, help, "a text that is not empty, without control characters", (b, t) => t.Length > 0 && !t.Any(char.IsControl) ? set(b, t) : null);

    private static bool TryWhole(string text, int least, int most, out int value)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;

    private sealed record Knob(string Name, string Help, string Takes, Func<SimulatorBehaviour, string, SimulatorBehaviour?> Set);
}
