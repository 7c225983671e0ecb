using System.Text.Json;

namespace Gateway.Catalogue;

/// <summary>Reads the text models out of the price file in one pass; everything else in it is skipped.</summary>
internal static class PriceFileReader
{
    /// <summary>The file's models and the day its figures were gathered.</summary>
    public static (List<RawPrice> Models, string AsOf) Read(ReadOnlySpan<byte> json)
    {
        var models = new List<RawPrice>(3600);
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
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var model = new RawPrice();
            ReadModel(ref reader, model, lastProvider);
            lastProvider = model.Provider;
            if (model.IsText && model.Model.Length > 0)
            {
                models.Add(model);
            }
        }
    }

    private static void ReadModel(ref Utf8JsonReader reader, RawPrice model, string lastProvider)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            switch (reader.ValueSpan.Length)
            {
                case 8 when reader.ValueTextEquals("provider"u8):
                    // The file is sorted by provider: one string for all its models.
                    reader.Read();
                    model.Provider = reader.ValueTextEquals(lastProvider) ? lastProvider : reader.GetString()!;
                    break;
                case 5 when reader.ValueTextEquals("model"u8):
                    reader.Read();
                    model.Model = reader.GetString()!;
                    break;
                case 4 when reader.ValueTextEquals("mode"u8):
                    reader.Read();
                    model.ReadMode(ref reader);
                    break;
                case 13 when reader.ValueTextEquals("contextTokens"u8):
                    model.ContextTokens = ReadCount(ref reader);
                    break;
                case 15 when reader.ValueTextEquals("maxOutputTokens"u8):
                    model.MaxOutputTokens = ReadCount(ref reader);
                    break;
                case 9 when reader.ValueTextEquals("cacheRead"u8):
                    model.CacheRead = ReadDecimal(ref reader);
                    break;
                case 10 when reader.ValueTextEquals("deprecates"u8):
                    reader.Read();
                    model.RetiredOn = reader.GetString();
                    break;
                case 10 when reader.ValueTextEquals("cacheWrite"u8):
                    model.CacheWrite = ReadDecimal(ref reader);
                    break;
                case 10 when reader.ValueTextEquals("audioInput"u8):
                    model.AudioInput = ReadDecimal(ref reader);
                    break;
                case 10 when reader.ValueTextEquals("perRequest"u8):
                    model.PerRequest = ReadDecimal(ref reader);
                    break;
                case 5 when reader.ValueTextEquals("input"u8):
                    model.Input = ReadDecimal(ref reader);
                    break;
                case 6 when reader.ValueTextEquals("output"u8):
                    model.Output = ReadDecimal(ref reader);
                    break;
                case 11 when reader.ValueTextEquals("audioOutput"u8):
                    model.AudioOutput = ReadDecimal(ref reader);
                    break;
                case 15 when reader.ValueTextEquals("reasoningOutput"u8):
                    model.ReasoningOutput = ReadDecimal(ref reader);
                    break;
                case 5 when reader.ValueTextEquals("above"u8):
                    reader.Read();
                    reader.Skip();
                    model.HasLongPromptPrice = true;
                    break;
                case 6 when reader.ValueTextEquals("ranges"u8):
                    ReadRanges(ref reader, model);
                    break;
                default:
                    reader.Read();
                    reader.Skip();
                    break;
            }
        }
    }

    /// <summary>Price bands by prompt size: the first is the ordinary price.</summary>
    private static void ReadRanges(ref Utf8JsonReader reader, RawPrice model)
    {
        reader.Read();
        var band = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var first = band == 0;
                if (first && reader.ValueTextEquals("input"u8))
                {
                    model.Input = ReadDecimal(ref reader);
                }
                else if (first && reader.ValueTextEquals("output"u8))
                {
                    model.Output = ReadDecimal(ref reader);
                }
                else if (first && reader.ValueTextEquals("cacheRead"u8))
                {
                    model.CacheRead = ReadDecimal(ref reader);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            band++;
        }

        model.HasLongPromptPrice = band > 1;
    }

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
