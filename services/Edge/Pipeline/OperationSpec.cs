using Gateway.Contracts.Usage;
using Gateway.Dialects.OpenAI;

namespace Gateway.Edge.Pipeline;

/// <summary>One inference operation of the public API.</summary>
/// <param name="Operation">What it is in the ledger.</param>
/// <param name="UpstreamPath">Path appended to a provider's base address.</param>
/// <param name="Prompt">Member that carries the prompt.</param>
/// <param name="HasOutput">True when tokens are generated, so that an output cap is part of the reservation.</param>
/// <param name="Name">Name in metrics and traces, of the OpenTelemetry GenAI conventions.</param>
internal sealed record OperationSpec(Operation Operation, string UpstreamPath, PromptMember Prompt, bool HasOutput, string Name)
{
    public static readonly OperationSpec Chat = new(Operation.Chat, "/chat/completions", PromptMember.Messages, true, "chat");

    public static readonly OperationSpec Completion = new(Operation.Completion, "/completions", PromptMember.Prompt, true, "text_completion");

    public static readonly OperationSpec Embedding = new(Operation.Embedding, "/embeddings", PromptMember.Input, false, "embeddings");

    /// <summary>The operation served at <paramref name="path"/>, or null.</summary>
    public static OperationSpec? ForPath(string? path) => path switch
    {
        "/v1/chat/completions" => Chat,
        "/v1/completions" => Completion,
        "/v1/embeddings" => Embedding,
        _ => null,
    };
}
