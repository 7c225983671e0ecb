using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Storing;

/// <summary>What of an entry is kept as JSON; bodies and vectors lie behind it as they are.</summary>
internal sealed record EntryHead
{
    public required string Partition { get; init; }

    public required string Embedding { get; init; }

    public required string Text { get; init; }

    public required CacheEntryFacts Facts { get; init; }

    public required string ContentType { get; init; }

    public required string Dialect { get; init; }

    public string? AnswerText { get; init; }

    public string? AnswerId { get; init; }

    public long PromptTokens { get; set; }

    public long CompletionTokens { get; set; }

    public long CostNano { get; set; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EntryHead))]
[JsonSerializable(typeof(CacheEntryFacts))]
internal sealed partial class StoreJson : JsonSerializerContext;
