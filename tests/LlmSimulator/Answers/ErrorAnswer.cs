using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.LlmSimulator.Answers;

/// <summary>Errors in OpenAI's shape.</summary>
internal static class ErrorAnswer
{
    public static byte[] Write(int status, string? code, string? message, string? param = null)
    {
        var (type, usualCode, usualMessage) = status switch
        {
            400 => ("invalid_request_error", null, "The request is not valid."),
            401 => ("invalid_request_error", "invalid_api_key", "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."),
            403 => ("invalid_request_error", "unsupported_country_region_territory", "Country, region, or territory not supported"),
            404 => ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
            429 when code is "insufficient_quota" => ("insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."),
            429 => ("tokens", "rate_limit_exceeded", "Rate limit reached for requests per min (RPM): Limit 10000, Used 10000, Requested 1."),
            < 500 => ("invalid_request_error", null, "The request was refused."),
            503 => ("service_unavailable_error", null, "The engine is currently overloaded, please try again later"),
            _ => ("server_error", (string?)null, "The server had an error while processing your request. Sorry about that!"),
        };
        return new Utf8Buffer(256).Add("{\"error\":{\"message\":\""u8).Add(JsonEncodedText.Encode(message ?? usualMessage, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes)
            .Add("\",\"type\":\""u8).Add(type).Add("\",\"param\":"u8).Add(param is null ? "null" : "\"" + JsonEncodedText.Encode(param) + "\"").Add(",\"code\":"u8)
            .Add((code ?? (message is null ? usualCode : null)) is { } given ? "\"" + JsonEncodedText.Encode(given) + "\"" : "null").Add("}}"u8).Written.ToArray();
    }
}
