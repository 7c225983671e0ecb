using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Responses;

/// <summary>Errors: whole answers are as in chat completions; streams have an event <c>error</c>, and a response that failed.</summary>
internal static class ResponsesErrors
{
    public static ChatError Read(int status, ReadOnlyMemory<byte> body) => OpenAIErrors.Read(status, body.Span);

    public static void Write(ChatError error, IBufferWriter<byte> output) => OpenAIErrors.Write(error, output);

    /// <summary>Reads the event <c>error</c>: flat as the specification has it, or nested as the provider sends it.</summary>
    public static ChatError ReadEvent(JsonElement payload) =>
        // The type of a flat one is the event's, not the error's.
        payload.TryObject("error", out _) ? OpenAIErrors.ReadStream(payload) : OpenAIErrors.ReadStream(payload) is var error && error.Type == "error" ? error with { Type = null } : error;

    /// <summary>Reads the error of a response that failed.</summary>
    public static ChatError ReadResponse(JsonElement response) => response.TryObject("error", out _)
        ? OpenAIErrors.ReadStream(JsonElement.Parse($$"""{"error":{{response.GetProperty("error").GetRawText()}}}"""))
        : new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "The provider's response failed without saying why.", Code = response.StringOf("status") };

    /// <summary>The word for <c>error.type</c>.</summary>
    public static string TypeOf(ChatError error) => error.Type ?? ErrorKinds.OpenAIType(error.Kind);

    /// <summary>The code of a response that failed, which clients decide by.</summary>
    public static string StreamCode(ChatError error) => error.Code ?? ErrorKinds.OpenAICode(error.Kind) ?? "server_error";

    /// <summary>Writes code, message and param.</summary>
    public static void WriteMembers(Utf8JsonWriter json, ChatError error)
    {
        json.WriteString("code"u8, StreamCode(error));
        json.WriteString("message"u8, error.Message);
        json.WriteString("param"u8, error.Param);
    }

    /// <summary>Writes the further members of the gateway's own errors.</summary>
    public static void WriteDetails(Utf8JsonWriter json, ChatError error)
    {
        foreach (var (name, value) in error.Details ?? [])
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value);
        }
    }
}
