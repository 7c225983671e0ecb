using System.Text;
using System.Text.Json;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching.Semantic;

/// <summary>The part of a request that is compared by meaning, and the partition that everything else of it makes: only within it may an answer be shared.</summary>
/// <param name="Text">The text of the last user turn.</param>
/// <param name="Partition">Hash of everything else.</param>
/// <param name="Domain">Hash of what shares evidence: scope and route.</param>
internal sealed record SemanticQuestion(string Text, CacheKey Partition, CacheKey Domain)
{
    private const int MostChars = 32 * 1024;

    /// <summary>Names the look-up in the service, for what is told it afterwards; null before.</summary>
    public string? LookupId { get; set; }

    /// <summary>The text as the service was asked it; null when it was not.</summary>
    public string? Compared { get; set; }

    /// <summary>True when the service had no time for a look-up.</summary>
    public bool IsLeftOut { get; set; }

    /// <summary>True when the answer found had expired.</summary>
    public bool IsStale { get; set; }

    /// <summary>True when the service wants the fresh answer as evidence.</summary>
    public bool WantsEvidence { get; set; }

    /// <summary>Reads the question of a chat request; null when its last turn is not the user's, or not one text.</summary>
    public static SemanticQuestion? TryRead(RequestContext context, in RequestTokens tokens, CacheFacts facts)
    {
        if (context.Operation.Operation != Operation.Chat)
        {
            return null;
        }

        var value = Find(tokens, context.Operation.Dialect);
        if (value < 0 || tokens[value].IsRaw || tokens[value].Length is 0 or > MostChars)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(tokens.Bytes(tokens[value]));
        return new SemanticQuestion(text, KeyBuilder.Build(context, tokens, facts, value), KeyBuilder.Domain(facts, context));
    }

    /// <summary>The value that holds the text of the last user turn, or -1. Of a turn with several parts the only text: the others (images) stay in the partition.</summary>
    private static int Find(in RequestTokens tokens, DialectId dialect)
    {
        var turns = tokens.Find(0, dialect switch
        {
            DialectId.OpenAIResponses => "input"u8,
            DialectId.Gemini => "contents"u8,
            _ => "messages"u8,
        });
        if (turns < 0)
        {
            return -1;
        }

        if (tokens[turns].Type == JsonTokenType.String)
        {
            return dialect == DialectId.OpenAIResponses ? turns : -1;
        }

        var turn = tokens[turns].Type == JsonTokenType.StartArray ? Last(tokens, turns) : turns;
        if (turn < 0 || tokens[turn].Type != JsonTokenType.StartObject || !IsUsers(tokens, turn, dialect))
        {
            return -1;
        }

        var content = tokens.Find(turn, dialect == DialectId.Gemini ? "parts"u8 : "content"u8);
        return content < 0 ? -1
            : tokens[content].Type == JsonTokenType.String ? content
            : tokens[content].Type == JsonTokenType.StartArray ? OnlyText(tokens, content)
            : -1;
    }

    private static bool IsUsers(in RequestTokens tokens, int turn, DialectId dialect)
    {
        var role = tokens.Find(turn, "role"u8);
        return role < 0 ? dialect == DialectId.Gemini : tokens.Bytes(tokens[role]).SequenceEqual("user"u8);
    }

    private static int Last(in RequestTokens tokens, int array)
    {
        var last = -1;
        for (var i = array + 1; i < tokens[array].Next; i = tokens.After(i))
        {
            last = i;
        }

        return last;
    }

    private static int OnlyText(in RequestTokens tokens, int parts)
    {
        var found = -1;
        for (var i = parts + 1; i < tokens[parts].Next; i = tokens.After(i))
        {
            var text = tokens[i].Type == JsonTokenType.StartObject ? tokens.Find(i, "text"u8) : -1;
            if (text < 0 || tokens[text].Type != JsonTokenType.String)
            {
                continue;
            }

            if (found >= 0)
            {
                return -1;
            }

            found = text;
        }

        return found;
    }
}
