using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Operations;

/// <summary>One operation other than a chat, asked of one deployment: what is sent, and what its answer means. Made anew for each attempt.</summary>
/// <param name="target">What is asked of the provider.</param>
internal abstract class OperationCall(UpstreamTarget target)
{
    public UpstreamTarget Target { get; } = target;

    /// <summary>What the provider's form could not express.</summary>
    public DropList Drops { get; } = new();

    /// <summary>What is used as far as it is known before the answer; a stream is billed by it.</summary>
    public UsageUnits Units { get; protected init; }

    /// <summary>Text that stands for the tokens of the answer where no usage is reported, in bytes; a stream is billed by it.</summary>
    public long OutputTextBytes { get; protected init; }

    /// <summary>True when the provider's form is not the caller's, so that its errors are not either.</summary>
    public virtual bool IsForeign => false;

    /// <summary>The answer where the gateway gives it itself; else null.</summary>
    public virtual OperationAnswer? Local => null;

    /// <summary>The next request's JSON in the provider's form; null: see <see cref="Content"/>.</summary>
    public virtual ReadOnlyMemory<byte>? Json() => null;

    /// <summary>The request as content of another type; null, with <see cref="Json"/> null too, sends the caller's own body with the model's name replaced.</summary>
    public virtual HttpContent? Content() => null;

    /// <summary>Reads an answer.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="mediaType">Its content type.</param>
    /// <returns>Null when it is none of the provider's form.</returns>
    public abstract OperationAnswer? Read(ReadOnlyMemory<byte> body, string mediaType);
}

/// <summary>What an answer means.</summary>
internal sealed record OperationAnswer
{
    /// <summary>The body for the caller; null: the provider's as it came.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Tokens, or null when the provider did not say.</summary>
    public TokenCounts? Tokens { get; init; }

    public UsageUnits Units { get; init; }

    /// <summary>Text that stands for the tokens of the answer where no usage is reported, in bytes.</summary>
    public long OutputTextBytes { get; init; }

    /// <summary>True when the figures in the body are the gateway's guess.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>True when the provider has to be asked once more, for the rest.</summary>
    public bool HasMore { get; init; }
}
