using System.Buffers.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching.Keys;

/// <summary>What of a request decides whether it is cached at all.</summary>
internal static class RequestFeatures
{
    /// <summary>The request's temperature; null when it names none.</summary>
    public static double? Temperature(in RequestTokens tokens, DialectId dialect)
    {
        var section = dialect switch
        {
            DialectId.Gemini => tokens.Find(0, "generationConfig"u8) is var camel and >= 0 ? camel : tokens.Find(0, "generation_config"u8),
            DialectId.BedrockConverse => tokens.Find(0, "inferenceConfig"u8),
            _ => 0,
        };
        var value = tokens.Find(section, "temperature"u8);
        return value >= 0 && tokens[value].Type == JsonTokenType.Number && Utf8Parser.TryParse(tokens.Bytes(tokens[value]), out double number, out _) ? number : null;
    }

    /// <summary>Why a request does something that a stored answer would not do, or null.</summary>
    public static string? Effect(in RequestTokens tokens, OperationSpec operation) => operation.Dialect switch
    {
        DialectId.OpenAIChat when IsTrue(tokens, "store"u8) => "the provider is to store it",
        DialectId.OpenAIResponses when IsTrue(tokens, "background"u8) => "it runs in the background",
        DialectId.OpenAIResponses when IsSet(tokens, "previous_response_id"u8) || IsSet(tokens, "conversation"u8) => "it continues what the provider stores",
        DialectId.Gemini when IsSet(tokens, "cachedContent"u8) || IsSet(tokens, "cached_content"u8) => "it builds on what the provider stores",
        _ => null,
    };

    private static bool IsTrue(in RequestTokens tokens, ReadOnlySpan<byte> name) => tokens.Find(0, name) is var value and >= 0 && tokens[value].Type == JsonTokenType.True;

    private static bool IsSet(in RequestTokens tokens, ReadOnlySpan<byte> name) => tokens.Find(0, name) is var value and >= 0 && tokens[value].Type != JsonTokenType.Null;
}
