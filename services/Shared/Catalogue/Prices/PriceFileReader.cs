using System.Text.Json;
using Gateway.Contracts.Usage;

namespace Gateway.Catalogue;

/// <summary>Reads the price file in one pass.</summary>
internal static class PriceFileReader
{
    /// <summary>The file's models and the day its figures were gathered.</summary>
    public static (List<RawPrice> Models, string AsOf) Read(ReadOnlySpan<byte> json)
    {
        var models = new List<RawPrice>(4400);
        var asOf = "";
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("asOf"u8))
            {
                reader.Read();
                asOf = reader.GetString() ?? "";
            }
            else if (reader.ValueTextEquals("models"u8))
            {
                ReadModels(ref reader, models);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return (models, asOf);
    }

    private static void ReadModels(ref Utf8JsonReader reader, List<RawPrice> models)
    {
        reader.Read();
        var lastProvider = "";
        string? lastSource = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            // The file is sorted by provider, and many models share a page: one string for all of them.
            var model = new RawPrice { Provider = lastProvider, Source = lastSource };
            var hasSource = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                hasSource |= reader.ValueTextEquals("source"u8);
                ReadMember(ref reader, model);
            }

            (lastProvider, lastSource) = (model.Provider, model.Source);
            model.Source = hasSource ? model.Source : null;
            if (model.Model.Length > 0 && model.Mode != ModelMode.Unknown)
            {
                models.Add(model);
            }
        }
    }

    private static void ReadMember(ref Utf8JsonReader reader, RawPrice model)
    {
        if (TryClass(ref reader, out var kind))
        {
            model.Rates[(int)kind] = ReadNano(ref reader);
        }
        else if (!TryText(ref reader, model) && !TryUnit(ref reader, model))
        {
            if (reader.ValueTextEquals("tiers"u8) || reader.ValueTextEquals("above"u8))
            {
                ReadVariants(ref reader, model);
            }
            else if (reader.ValueTextEquals("ranges"u8))
            {
                ReadRanges(ref reader, model);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static bool TryText(ref Utf8JsonReader reader, RawPrice model)
    {
        if (reader.ValueTextEquals("provider"u8))
        {
            reader.Read();
            model.Provider = reader.ValueTextEquals(model.Provider) ? model.Provider : reader.GetString()!;
        }
        else if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            model.Model = reader.GetString()!;
        }
        else if (reader.ValueTextEquals("mode"u8))
        {
            reader.Read();
            model.ReadMode(ref reader);
        }
        else if (reader.ValueTextEquals("source"u8))
        {
            reader.Read();
            model.Source = reader.ValueTextEquals(model.Source) ? model.Source : reader.GetString();
        }
        else if (reader.ValueTextEquals("deprecates"u8))
        {
            reader.Read();
            model.RetiredOn = reader.GetString();
        }
        else if (reader.ValueTextEquals("contextTokens"u8))
        {
            model.ContextTokens = ReadCount(ref reader);
        }
        else if (reader.ValueTextEquals("maxOutputTokens"u8))
        {
            model.MaxOutputTokens = ReadCount(ref reader);
        }
        else
        {
            return false;
        }

        return true;
    }

    private static bool TryUnit(ref Utf8JsonReader reader, RawPrice model)
    {
        if (reader.ValueTextEquals("searchPerQuery"u8))
        {
            ReadSearch(ref reader, model);
            return true;
        }

        if (!reader.ValueSpan.StartsWith("per"u8))
        {
            return false;
        }

        var isPixelIn = reader.ValueTextEquals("perPixelIn"u8);
        if (isPixelIn || reader.ValueTextEquals("perPixelOut"u8))
        {
            var usd = ReadDecimal(ref reader);
            (model.PerPixelIn, model.PerPixelOut) = isPixelIn ? (usd, model.PerPixelOut) : (model.PerPixelIn, usd);
        }
        else if (reader.ValueTextEquals("perCharacterIn"u8))
        {
            model.PerCharacterIn = ReadDecimal(ref reader);
        }
        else if (reader.ValueTextEquals("perRequest"u8))
        {
            model.PerRequest = ReadNano(ref reader);
        }
        else if (reader.ValueTextEquals("perImageOut"u8))
        {
            model.PerImageOut = ReadNano(ref reader);
        }
        else if (reader.ValueTextEquals("perImageIn"u8))
        {
            model.PerImageIn = ReadNano(ref reader);
        }
        else if (reader.ValueTextEquals("perSecondIn"u8))
        {
            model.PerSecondIn = ReadNano(ref reader);
        }
        else if (reader.ValueTextEquals("perSecondOut"u8))
        {
            model.PerSecondOut = ReadNano(ref reader);
        }
        else if (reader.ValueTextEquals("perQuery"u8))
        {
            model.PerQuery = ReadNano(ref reader);
        }
        else
        {
            return false;
        }

        return true;
    }

    private static void ReadSearch(ref Utf8JsonReader reader, RawPrice model)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("low"u8))
            {
                model.SearchLow = ReadNano(ref reader);
            }
            else if (reader.ValueTextEquals("medium"u8))
            {
                model.SearchMedium = ReadNano(ref reader);
            }
            else
            {
                model.SearchHigh = ReadNano(ref reader);
            }
        }
    }

    /// <summary>Tiers (<c>name</c>), long prompts (<c>inputTokens</c>, perhaps <c>tier</c>).</summary>
    private static void ReadVariants(ref Utf8JsonReader reader, RawPrice model)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var variant = new RawVariant();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (TryClass(ref reader, out var kind))
                {
                    variant.Rates[(int)kind] = ReadNano(ref reader);
                }
                else if (reader.ValueTextEquals("inputTokens"u8))
                {
                    variant.Above = ReadCount(ref reader) ?? 0;
                }
                else
                {
                    reader.Read();
                    variant.Tier = reader.ValueTextEquals("batch"u8) ? ServiceTier.Batch : reader.ValueTextEquals("priority"u8) ? ServiceTier.Priority : ServiceTier.Flex;
                }
            }

            (model.Variants ??= []).Add(variant);
        }
    }

    /// <summary>Whole price bands by prompt size: the first is the ordinary price, and a class that a band leaves out is billed there as its main class.</summary>
    private static void ReadRanges(ref Utf8JsonReader reader, RawPrice model)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var band = new RawVariant();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (TryClass(ref reader, out var kind))
                {
                    band.Rates[(int)kind] = ReadNano(ref reader);
                }
                else if (reader.ValueTextEquals("fromTokens"u8))
                {
                    band.Above = ReadCount(ref reader) ?? 0;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            if (band.Above == 0)
            {
                model.Rates.Take(band.Rates);
            }
            else
            {
                band.Rates.Complete();
                (model.Variants ??= []).Add(band);
            }
        }
    }

    private static bool TryClass(ref Utf8JsonReader reader, out TokenClass kind)
    {
        var name = reader.ValueSpan;
        for (var i = 0; i < ClassRates.Count; i++)
        {
            if (name.SequenceEqual(ClassName((TokenClass)i)))
            {
                kind = (TokenClass)i;
                return true;
            }
        }

        kind = default;
        return false;
    }

    private static ReadOnlySpan<byte> ClassName(TokenClass kind) => kind switch
    {
        TokenClass.Input => "input"u8,
        TokenClass.CacheRead => "cacheRead"u8,
        TokenClass.CacheWrite => "cacheWrite"u8,
        TokenClass.CacheWriteHour => "cacheWrite1h"u8,
        TokenClass.AudioInput => "audioInput"u8,
        TokenClass.AudioCacheRead => "audioCacheRead"u8,
        TokenClass.ImageInput => "imageInput"u8,
        TokenClass.ImageCacheRead => "imageCacheRead"u8,
        TokenClass.Output => "output"u8,
        TokenClass.Reasoning => "reasoningOutput"u8,
        TokenClass.AudioOutput => "audioOutput"u8,
        _ => "imageOutput"u8,
    };

    private static long ReadNano(ref Utf8JsonReader reader) => ReadDecimal(ref reader) is { } usd ? NanoUsd.FromUsd(usd) : -1;

    private static decimal? ReadDecimal(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out var value))
        {
            return value;
        }

        reader.Skip();
        return null;
    }

    private static int? ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out var value) && value is >= 1 and <= int.MaxValue)
        {
            return (int)value;
        }

        reader.Skip();
        return null;
    }
}
