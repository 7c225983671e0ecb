using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Error bodies: OpenAI's, and the many shapes of those who call themselves compatible.</summary>
internal static class OpenAIErrors
{
    private const int LongestPlainMessage = 1_000;
    private const int LongestMessage = 10_000;

    /// <summary>Reads the body of an error answer; whatever it is, an error comes out.</summary>
    public static ChatError Read(int status, ReadOnlySpan<byte> body)
    {
        if (LenientJson.TryParse(body, out var json))
        {
            return ReadJson(status, json);
        }

        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, LongestPlainMessage)]).Trim();
        var isPage = text.StartsWith('<');
        return Make(status, text.Length == 0 || isPage ? null : text, null, null, null);
    }

    /// <summary>Reads an error event in the middle of a stream; its status is made from its kind when it names none.</summary>
    public static ChatError ReadStream(JsonElement json)
    {
        var error = ReadJson(0, json);
        return error.Status != 0 ? error : error with
        {
            Status = ErrorKinds.Status(error.Kind), Kind = error.Kind,
        };
    }

    /// <summary>Writes an error in OpenAI's form.</summary>
    public static void Write(ChatError error, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("type"u8, error.Type ?? ErrorKinds.OpenAIType(error.Kind));
        writer.WriteString("param"u8, error.Param);
        writer.WriteString("code"u8, error.Code ?? ErrorKinds.OpenAICode(error.Kind));
        foreach (var (name, value) in error.Details ?? [])
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static ChatError ReadJson(int status, JsonElement json)
    {
        // Google's compatible endpoint wraps the object in a list.
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0)
        {
            json = json[0];
        }

        if (json.ValueKind == JsonValueKind.String)
        {
            return Make(status, json.GetString(), null, null, null);
        }

        var error = json;
        if (json.TryObject("error", out var inner))
        {
            error = inner;
        }
        else if (json.TryArray("errors", out var list) && list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.Object)
        {
            error = list[0];
        }

        var message = Message(error) ?? (json.StringOf("error") is { } plain ? plain : Message(json));
        var code = Word(error, "code") ?? Word(json, "code");
        var type = Word(error, "type") ?? Word(error, "status") ?? (json.StringOf("error") is not null ? Word(json, "error_type") : null);
        if (error.TryObject("innererror", out var cause) && Word(cause, "code") is { } deeper)
        {
            code ??= deeper;
        }

        if (error.TryObject("metadata", out var metadata) && metadata.StringOf("raw") is { } raw)
        {
            // OpenRouter says "Provider returned error" and keeps the provider's words here.
            message = $"{message}: {raw}";
        }

        if (status == 0)
        {
            status = Status(code) ?? Status(Word(error, "status_code")) ?? Status(Word(error, "status")) ?? 0;
        }

        var made = Make(status, message, type, code, Word(error, "param"));
        return RetryDelay(error) is { } wait ? made with { RetryAfter = wait } : made;
    }

    /// <summary>The wait in Google's details, which its compatible endpoint gives too.</summary>
    private static TimeSpan? RetryDelay(JsonElement error)
    {
        if (error.TryArray("details", out var details))
        {
            foreach (var detail in details.EnumerateArray())
            {
                if (detail.ValueKind == JsonValueKind.Object && detail.StringOf("retryDelay") is { } delay && RetryWords.Duration(delay) is { } wait)
                {
                    return wait;
                }
            }
        }

        return null;
    }

    private static ChatError Make(int status, string? message, string? type, string? code, string? param)
    {
        var kind = ErrorKinds.Classify(status, type, code, message);
        return new ChatError
        {
            Status = status, Kind = kind, Type = type, Code = code, Param = param,
            RetryAfter = kind is ChatErrorKind.RateLimit or ChatErrorKind.Overloaded ? RetryWords.Find(message) : null,
            Message = string.IsNullOrWhiteSpace(message) ? $"The provider answered {(status == 0 ? "with an error" : status.ToString(CultureInfo.InvariantCulture))} and said nothing more."
                : message.Length > LongestMessage ? message[..LongestMessage] : message,
        };
    }

    private static string? Message(JsonElement json)
    {
        foreach (var name in (ReadOnlySpan<string>)["message", "detail", "error_message", "msg", "title", "error_description"])
        {
            if (!json.TryMember(name, out var value))
            {
                continue;
            }

            switch (value.ValueKind)
            {
                case JsonValueKind.String when value.GetString() is { Length: > 0 } text:
                    return text;
                case JsonValueKind.Object:
                    return Message(value) ?? value.GetRawText();
                case JsonValueKind.Array:
                    return Validation(value);
            }
        }

        return null;
    }

    /// <summary>The list of findings that servers built on FastAPI give: where, and what.</summary>
    private static string Validation(JsonElement list) => string.Join("; ", list.EnumerateArray().Take(10).Select(static entry =>
    {
        var where = entry.TryArray("loc", out var path) ? string.Join('.', path.EnumerateArray().Select(static p => p.ToString())) : null;
        var what = entry.ValueKind == JsonValueKind.String ? entry.GetString() : entry.StringOf("msg") ?? entry.StringOf("message") ?? entry.GetRawText();
        return where is null ? what : $"{where}: {what}";
    }));

    private static string? Word(JsonElement json, string name) =>
        !json.TryMember(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;

    private static int? Status(string? word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600 ? status : null;
}
