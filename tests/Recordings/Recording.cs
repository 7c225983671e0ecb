using System.Text;
using Gateway.Dialects.Chat;

namespace Gateway.Recordings;

/// <summary>One recorded HTTP interaction with a provider, or its answer alone.</summary>
public sealed record Recording
{
    /// <summary>Stable name: the file's path below the folder of recordings, <c>#</c>, and the number of the interaction in it.</summary>
    public required string Id { get; init; }

    /// <summary>The corpus: vercel-ai, fantasy, openai-dotnet, prism-php, anthropic-sdk or envoy-ai-gateway.</summary>
    public required string Source { get; init; }

    /// <summary>Who answered, as the corpus calls them: openai, azure, anthropic, google, vertex, bedrock, …</summary>
    public required string Provider { get; init; }

    /// <summary>What was asked for.</summary>
    public required Operation Operation { get; init; }

    /// <summary>The HTTP status of the answer; 200 where a corpus keeps the body only and the body is no error.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The answer's content type, without parameters where the corpus has none.</summary>
    public required string ResponseContentType { get; init; }

    /// <summary>The answer's body as a provider sends it, framing included.</summary>
    public required ReadOnlyMemory<byte> ResponseBody { get; init; }

    /// <summary>The recorded bytes where <see cref="ResponseBody"/> is derived from them: InvokeModel's binary stream, whose body here is the SSE that it carries.</summary>
    public ReadOnlyMemory<byte>? OriginalBody { get; init; }

    /// <summary>The request, where the corpus has it.</summary>
    public RecordedRequest? Request { get; init; }

    /// <summary>Why nothing is to be checked with it; null when it is to be used.</summary>
    public string? ExcludedBecause { get; init; }

    /// <summary>The chat dialect it is in; null where it is no chat.</summary>
    public DialectId? DialectId => Operations.DialectOf(Operation);

    /// <summary>Whether it answers a chat request and is to be used.</summary>
    public bool IsUsableChat => DialectId is not null && ExcludedBecause is null;

    /// <summary>Whether the answer is a stream of events.</summary>
    public bool IsStream => ResponseContentType.StartsWith("text/event-stream", StringComparison.Ordinal) || ResponseContentType.StartsWith("application/vnd.amazon.eventstream", StringComparison.Ordinal);

    /// <summary>Whether the answer is an error.</summary>
    public bool IsError => Status >= 400;

    /// <summary>The body as text; meaningless for binary ones.</summary>
    public string BodyText => Encoding.UTF8.GetString(ResponseBody.Span);

    /// <summary>The id, which is what a failing test shows.</summary>
    public override string ToString() => Id;
}

/// <summary>A recorded request.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path with its query, as sent.</param>
/// <param name="ContentType">The body's content type; empty without a body.</param>
/// <param name="Body">The body; empty where there was none or the corpus left it out.</param>
public sealed record RecordedRequest(string Method, string Path, string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>The host it went to.</summary>
    public string Host { get; init; } = "";

    /// <summary>The body as text.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body.Span);
}
