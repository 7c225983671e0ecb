using System.Text.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>What a whole answer says of its usage.</summary>
public enum AnswerUsage
{
    /// <summary>Not a JSON object: no answer at all.</summary>
    NotAnAnswer = 0,

    /// <summary>An answer without usage.</summary>
    Absent = 1,

    /// <summary>An answer with usage.</summary>
    Found = 2,
}

/// <summary>
/// Reads the <c>usage</c> object of chat completions, completions and embeddings. Providers report totals with parts inside them
/// (<c>prompt_tokens</c> contains <c>cached_tokens</c>, <c>completion_tokens</c> contains <c>reasoning_tokens</c>); the result
/// is disjoint.
/// </summary>
public static class UsageReader
{
    /// <summary>Reads the usage of a whole answer.</summary>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens.</param>
    public static AnswerUsage ReadAnswer(ReadOnlySpan<byte> answer, out TokenCounts counts) => WholeAnswer.Read(answer, out counts, ReadMembers);

    private static bool ReadMembers(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        var found = false;
        var tier = ReportedTier.Unknown;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                found |= TryReadUsage(ref reader, ref counts);
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                reader.Read();
                tier = ReportedTiers.Read(ref reader, tier);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        counts.Tier = tier;
        return found;
    }

    /// <summary>Reads the value of a <c>usage</c> member; the reader stands on it and, afterwards, on its end.</summary>
    internal static bool TryReadUsage(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        long prompt = 0, completion = 0, total = 0, cacheHit = -1, cacheWrite = 0, reasoning = 0, searches = 0;
        UsageParts input = new(), output = new();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
            {
                prompt = UsageParts.ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8))
            {
                completion = UsageParts.ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("total_tokens"u8))
            {
                total = UsageParts.ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("prompt_cache_hit_tokens"u8) || reader.ValueTextEquals("num_cached_tokens"u8) || reader.ValueTextEquals("cached_tokens"u8))
            {
                // The names of DeepSeek, Mistral and Moonshot for cached_tokens.
                cacheHit = Math.Max(cacheHit, UsageParts.ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                cacheWrite = Math.Max(cacheWrite, UsageParts.ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                reasoning = Math.Max(reasoning, UsageParts.ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8))
            {
                reader.Read();
                input.Read(ref reader);
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8))
            {
                reader.Read();
                output.Read(ref reader);
            }
            else if (reader.ValueTextEquals("num_search_queries"u8) || reader.ValueTextEquals("num_sources_used"u8))
            {
                // The names of Perplexity and xAI for what their searches are billed by.
                searches = Math.Max(searches, UsageParts.ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("search_context_size"u8))
            {
                // Perplexity searches for every request, and tells how many times only where it is more than once.
                reader.Read();
                searches = Math.Max(searches, reader.TokenType == JsonTokenType.String ? 1 : 0);
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        input.Cached = input.Cached >= 0 ? input.Cached : cacheHit;
        input.CacheWrite = Math.Max(input.CacheWrite, cacheWrite);
        output.Reasoning = Math.Max(output.Reasoning, reasoning);
        // Some providers report reasoning beside completion_tokens rather than within: it shows in the total, or in a part larger than the whole.
        var beside = output.Reasoning > completion || (total > 0 && total == prompt + completion + output.Reasoning);
        counts = output.WithOutput(input.OfInput(prompt), completion, beside);
        counts.WebSearches = searches;
        return true;
    }
}
