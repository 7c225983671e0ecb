using System.Buffers;
using System.Text.Json;

namespace Gateway.Tokenizers;

/// <summary>Bounds the prompt of a request whose body is JSON.</summary>
public static class JsonPrompt
{
    // What stands about a message or a tool: at most four tokens in OpenAI's chat format, and three to begin the answer.
    private const int TokensPerObject = 4;
    private const int TokensOfFrame = 3;

    // What models that reason are told about how to call tools, by what OpenAI bills for the simplest ones.
    private const int TokensOfTools = 128;

    /// <summary>
    /// The tokens of all names and values of a body and the frames that its objects may become: at least those of the prompt made of it. Null when it is not JSON, or offers tools that
    /// the provider brings along, whose descriptions nobody sees.
    /// </summary>
    public static long? Count(BpeTokenizer tokenizer, ReadOnlySpan<byte> json)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        var unescaped = ArrayPool<byte>.Shared.Rent(json.Length);
        long tokens = TokensOfFrame;
        var (inTools, isKind) = (false, false);
        try
        {
            while (reader.Read())
            {
                if (isKind && (reader.TokenType != JsonTokenType.String || (!reader.ValueTextEquals("function"u8) && !reader.ValueTextEquals("custom"u8))))
                {
                    return null;
                }

                isKind = false;
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    inTools = reader.ValueTextEquals("tools"u8) || reader.ValueTextEquals("functions"u8);
                    tokens += inTools ? TokensOfTools : 0;
                }

                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        tokens += TokensPerObject;
                        break;
                    case JsonTokenType.PropertyName or JsonTokenType.String:
                        isKind = inTools && reader.CurrentDepth == 3 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("type"u8);
                        tokens += reader.ValueIsEscaped ? tokenizer.Count(unescaped.AsSpan(0, reader.CopyString(unescaped))) : tokenizer.Count(reader.ValueSpan);
                        break;
                    case JsonTokenType.Number:
                        tokens += tokenizer.Count(reader.ValueSpan);
                        break;
                    case JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                        tokens++;
                        break;
                }
            }

            return tokens;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An escape that stands for no character cannot be copied out.
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(unescaped);
        }
    }
}
