using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Serving;

/// <summary>One answer to give.</summary>
/// <param name="Number">The request's number, from 1.</param>
/// <param name="Behaviour">How to give it.</param>
/// <param name="Body">The whole body of an answer that is not a stream.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Account">Who pays; null when nothing is billed.</param>
internal sealed record Work(long Number, SimulatorBehaviour Behaviour, ReadOnlyMemory<byte> Body, int Status, Ledger.Account? Account)
{
    /// <summary>The events of a stream; null for any other answer.</summary>
    public IStreamEvents? Events { get; init; }

    public int PromptTokens { get; init; }

    /// <summary>Tokens of the answer when all of it is sent.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>What of the tokens is not plain input and output; null when nothing is.</summary>
    public TokenClasses? Classes { get; init; }

    /// <summary>The <c>user</c> that the request named, for the bill; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The content type; null takes that of JSON or SSE.</summary>
    public string? ContentType { get; init; }

    /// <summary>The provider's own headers besides the content type; null takes OpenAI's.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Headers { get; init; }

    /// <summary>Whether the body goes without a length, as streams do.</summary>
    public bool Chunked { get; init; }

    public static Work Error(long number, SimulatorBehaviour behaviour, int status, string? code, string? message, string? param = null)
        => new(number, behaviour, ErrorAnswer.Write(status, code, message, param), status, null);

    public bool IsStream => Events is not null && !Behaviour.Html && !Behaviour.Empty;
}
