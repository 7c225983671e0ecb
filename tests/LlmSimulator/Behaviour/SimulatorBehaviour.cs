namespace Gateway.LlmSimulator.Behaviour;

/// <summary>
/// How one answer is made and what goes wrong with it. Immutable; every property has a knob of the same meaning in
/// <see cref="BehaviourKnobs"/>, which is how options, the control endpoint and model names set it.
/// </summary>
public sealed record SimulatorBehaviour
{
    /// <summary>Everything at its default: sixteen tokens at once, no fault.</summary>
    public static SimulatorBehaviour Default { get; } = new();

    /// <summary>What the words, vectors and jitter are drawn from. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Completion tokens of an answer, one stream event each; a smaller <c>max_tokens</c> of the request wins. Default 16.</summary>
    public int Tokens { get; init; } = 16;

    /// <summary>Milliseconds before the headers. Default 0.</summary>
    public int LatencyMs { get; init; }

    /// <summary>Up to this many milliseconds more, drawn by seed and request number. Default 0.</summary>
    public int JitterMs { get; init; }

    /// <summary>Milliseconds between the headers and the first token of a stream. Default 0.</summary>
    public int TtftMs { get; init; }

    /// <summary>Tokens per second of a stream; 0 (default) is as fast as the socket takes them.</summary>
    public double Rate { get; init; }

    /// <summary>Bytes of body per write, cutting wherever that falls, inside a UTF-8 character too; 0 (default) is a write per event or answer.</summary>
    public int Chunk { get; init; }

    /// <summary>Milliseconds between writes of the body (in pieces of <see cref="Chunk"/> bytes, or 16). Default 0.</summary>
    public int SlowBodyMs { get; init; }

    /// <summary>Milliseconds between single bytes of the response head. Default 0.</summary>
    public int SlowHeadersMs { get; init; }

    /// <summary>The connection breaks after this many bytes of body; null (default) never.</summary>
    public int? Cut { get; init; }

    /// <summary>Whether a <see cref="Cut"/> or <see cref="Drop"/> is a TCP reset; otherwise the socket closes without ending the body.</summary>
    public bool Reset { get; init; }

    /// <summary>The connection closes without a single byte of answer.</summary>
    public bool Drop { get; init; }

    /// <summary>The body ends cleanly after this many bytes: truncated JSON or a stream that just stops; null (default) never.</summary>
    public int? Truncate { get; init; }

    /// <summary>A stream ends cleanly after this many events, without finish reason and <c>[DONE]</c>; 0 (default) never.</summary>
    public int EndAfter { get; init; }

    /// <summary>A stream ends cleanly, complete but for <c>data: [DONE]</c>.</summary>
    public bool NoDone { get; init; }

    /// <summary>The n-th event of a stream (from 1) is broken JSON; 0 (default) none.</summary>
    public int Malformed { get; init; }

    /// <summary>Instead of its n-th event (from 1) a stream sends an error object and ends; 0 (default) none.</summary>
    public int StreamError { get; init; }

    /// <summary>Percent of the answers that have a fault, which one being drawn by seed and request number: a status, a cut, a stall, an end too soon. Default 0.</summary>
    public int Faults { get; init; }

    /// <summary>Answer with this HTTP status and an error in OpenAI's shape; 0 (default) answers normally.</summary>
    public int Status { get; init; }

    /// <summary>The <c>retry-after</c> header in seconds; null (default) sends none, except 1 with status 429.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The error's <c>code</c>; null (default) takes what OpenAI sends with that status.</summary>
    public string? Error { get; init; }

    /// <summary>Adds <c>x-ratelimit-*</c> headers to good answers too.</summary>
    public bool RateHeaders { get; init; }

    /// <summary>Where the answer stops for ever. Default nowhere.</summary>
    public StallPhase Stall { get; init; }

    /// <summary>A content type to claim in place of the right one.</summary>
    public string? ContentType { get; init; }

    /// <summary>The body is an HTML page, as a broken proxy in front of a provider sends it.</summary>
    public bool Html { get; init; }

    /// <summary>The body is empty.</summary>
    public bool Empty { get; init; }

    /// <summary>The first event (or the plain answer) is padded to one line of at least this many bytes. Default 0.</summary>
    public int Huge { get; init; }

    /// <summary>Each stream event is padded to at least this many bytes, line ends included. Default 0.</summary>
    public int EventBytes { get; init; }

    /// <summary>Each stream event carries <c>x_sent_us</c>: the machine's monotonic clock in microseconds at the write.</summary>
    public bool Stamp { get; init; }

    /// <summary>False leaves <c>usage</c> out altogether, asked for or not. Default true.</summary>
    public bool Usage { get; init; } = true;

    /// <summary>Adds fields nobody knows to answers and events, to see whether they pass through.</summary>
    public bool Extra { get; init; }

    /// <summary>Number of tool calls to answer with when the request offers tools and does not end in a tool result. Default 0.</summary>
    public int Tools { get; init; }

    /// <summary>True calls tools also where the conversation ends in a tool's result, for ever.</summary>
    public bool ToolsAgain { get; init; }

    /// <summary>The finish reason to give instead of the true one.</summary>
    public string? Finish { get; init; }

    /// <summary>Answer with the request's last text.</summary>
    public bool Echo { get; init; }

    /// <summary>Answer with this text, a token per word.</summary>
    public string? Text { get; init; }

    /// <summary>Where the conversation ends with the beginning of this very answer, or with it and one more message of the user, go on after it instead of beginning anew.</summary>
    public bool Resume { get; init; }

    /// <summary>With <see cref="Resume"/>: begin with this many of the characters that are there already. Default 0.</summary>
    public int Repeat { get; init; }

    /// <summary>Every event of an OpenAI stream reports the usage so far, where usage is asked for.</summary>
    public bool RunningUsage { get; init; }

    /// <summary>Prompt tokens the provider counts as read from its cache, at most all. Default 0.</summary>
    public int Cached { get; init; }

    /// <summary>Reasoning tokens reported within the completion tokens, at most all. Default 0.</summary>
    public int Reasoning { get; init; }

    /// <summary>Prompt tokens the provider counts as written to its cache, at most all that are not read from it. Default 0.</summary>
    public int CacheWrite { get; init; }

    /// <summary>Prompt tokens counted as written to the cache for an hour. Default 0.</summary>
    public int CacheWriteLong { get; init; }

    /// <summary>Prompt tokens counted as audio. Default 0.</summary>
    public int AudioIn { get; init; }

    /// <summary>Completion tokens counted as audio. Default 0.</summary>
    public int AudioOut { get; init; }

    /// <summary>Tokens of thinking before the answer, with a signature where the dialect has one. Default 0.</summary>
    public int Thinking { get; init; }

    /// <summary>The thinking is redacted: an opaque block instead of text, where the dialect has one.</summary>
    public bool Redacted { get; init; }

    /// <summary>The answer is refused or filtered, as the dialect says it.</summary>
    public bool Refuse { get; init; }

    /// <summary>Cuts the body at random places drawn from this seed, up to a few hundred bytes each; null (default) does not.</summary>
    public int? Recut { get; init; }

    /// <summary>The n-th message of a binary stream has a wrong checksum; 0 (default) none.</summary>
    public int BadCrc { get; init; }

    /// <summary>Answer with this recording (the id in <c>Gateway.Recordings</c>), whatever is asked.</summary>
    public string? Replay { get; init; }

    /// <summary>SSE comment lines between the events.</summary>
    public bool Comments { get; init; }

    /// <summary>SSE lines end in CR LF.</summary>
    public bool Crlf { get; init; }

    /// <summary>Length of embeddings when the request names no <c>dimensions</c>. Default 1536.</summary>
    public int Dims { get; init; } = 1536;

    /// <summary>Whether a plain answer needs no time, framing or fault: it is then one write of a prebuilt buffer.</summary>
    internal bool IsPlainImmediate => this with { Seed = 1, Tokens = 16, Dims = 1536, Finish = null, Tools = 0, Usage = true, Extra = false, Text = null, Cached = 0, Reasoning = 0, Stamp = false, EventBytes = 0, TtftMs = 0, Rate = 0, NoDone = false } == Default;

    /// <summary>Whether HTTP's own framing must break, which Kestrel rightly refuses to do.</summary>
    internal bool NeedsRawSocket => Cut is not null || Drop || SlowHeadersMs > 0;
}
