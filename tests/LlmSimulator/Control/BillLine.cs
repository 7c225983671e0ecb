namespace Gateway.LlmSimulator.Control;

/// <summary>What the provider would charge for one answer.</summary>
/// <param name="RequestId">The answer's <c>x-request-id</c>.</param>
/// <param name="Model">The model without knobs.</param>
/// <param name="PromptTokens">Tokens of the prompt: its UTF-8 bytes divided by four, rounded up.</param>
/// <param name="CompletionTokens">Tokens produced, of a broken stream those sent.</param>
public sealed record BillLine(string RequestId, string Model, long PromptTokens, long CompletionTokens)
{
    /// <summary>The <c>user</c> that the request named; null for none.</summary>
    public string? User { get; init; }

    /// <summary>Which of them are priced apart.</summary>
    public TokenClasses Classes { get; init; } = TokenClasses.None;
}

/// <summary>A model's part of the bill.</summary>
/// <param name="Model">The model without knobs.</param>
/// <param name="Requests">Answers billed.</param>
/// <param name="PromptTokens">Their prompt tokens.</param>
/// <param name="CompletionTokens">Their completion tokens.</param>
public sealed record ModelTotal(string Model, long Requests, long PromptTokens, long CompletionTokens);

/// <summary>The whole bill since the start or the last reset.</summary>
/// <param name="Models">Per model, in the order of their names.</param>
/// <param name="Lines">The last lines kept, oldest first.</param>
public sealed record SimulatorBill(IReadOnlyList<ModelTotal> Models, IReadOnlyList<BillLine> Lines);

/// <summary>What the simulator has seen since the start or the last reset.</summary>
/// <param name="Requests">Requests by path and answered status, such as <c>/v1/chat/completions 200</c>; status 0 for an answer that broke off before any.</param>
/// <param name="PromptTokens">Prompt tokens billed.</param>
/// <param name="CompletionTokens">Completion tokens billed.</param>
/// <param name="Active">Model requests being answered now.</param>
/// <param name="Peak">Most model requests at a time.</param>
/// <param name="AbortedByClient">Answers whose client left before their end.</param>
public sealed record SimulatorStats(IReadOnlyDictionary<string, long> Requests, long PromptTokens, long CompletionTokens, int Active, int Peak, long AbortedByClient);
