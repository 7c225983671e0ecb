using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Responses;

/// <summary>Writes the response object: the answer, and the request's settings that every response repeats.</summary>
internal sealed class ResponseObject(AnswerContext context)
{
    /// <summary>The provider's id, or null.</summary>
    public string? Id { get; set; }

    public long? Created { get; set; }

    public string? ServiceTier { get; set; }

    public TokenCounts? Usage { get; set; }

    /// <summary>Writes the object as a value.</summary>
    /// <param name="json">Receives it.</param>
    /// <param name="status">The response's status.</param>
    /// <param name="incompleteReason">Why it is incomplete, or null.</param>
    /// <param name="error">Why it failed, or null.</param>
    /// <param name="items">The output.</param>
    public void Write(Utf8JsonWriter json, string status, string? incompleteReason, ChatError? error, IEnumerable<OutputItem> items)
    {
        var request = context.Request;
        json.WriteStartObject();
        json.WriteString("id"u8, ResponseId());
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, Created ?? context.Created.ToUnixTimeSeconds());
        json.WriteString("status"u8, status);
        json.WriteBoolean("background"u8, false);
        WriteEnd(json, incompleteReason, error);
        WriteInstructions(json, request);
        WriteNumberOrNull(json, "max_output_tokens"u8, request?.MaxOutputTokens);
        WriteRaw(json, request, "max_tool_calls");
        json.WriteString("model"u8, context.Model);
        json.WriteStartArray("output"u8);
        foreach (var item in items)
        {
            item.Write(json, done: true);
        }

        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls"u8, request?.ParallelToolCalls ?? true);
        json.WriteNull("previous_response_id"u8);
        WriteRaw(json, request, "prompt_cache_key");
        json.WriteStartObject("reasoning"u8);
        WriteStringOrNull(json, "effort"u8, request?.Reasoning?.Effort);
        WriteStringOrNull(json, "summary"u8, request?.Reasoning?.Summary);
        json.WriteEndObject();
        json.WriteString("service_tier"u8, OpenAITiers.ForAnswer(ServiceTier) ?? "default");
        // Nothing of a translated answer is kept: it cannot be retrieved or continued by its id.
        json.WriteBoolean("store"u8, false);
        json.WriteNumber("temperature"u8, request?.Temperature ?? 1);
        WriteText(json, request);
        WriteTools(json, request);
        json.WriteNumber("top_logprobs"u8, request?.TopLogProbabilities ?? 0);
        json.WriteNumber("top_p"u8, request?.TopP ?? 1);
        json.WriteString("truncation"u8, "disabled"u8);
        ResponsesUsage.Write(json, Usage);
        if (request?.EndUser is { } user)
        {
            json.WriteString("user"u8, user);
        }

        json.WriteStartObject("metadata"u8);
        foreach (var (name, value) in request?.Metadata ?? [])
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private string ResponseId()
    {
        var id = string.IsNullOrEmpty(Id) ? context.Id : Id;
        return id.StartsWith("resp_", StringComparison.Ordinal) ? id : "resp_" + id;
    }

    private static void WriteEnd(Utf8JsonWriter json, string? incompleteReason, ChatError? error)
    {
        if (error is null)
        {
            json.WriteNull("error"u8);
        }
        else
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, ResponsesErrors.StreamCode(error));
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
        }

        if (incompleteReason is null)
        {
            json.WriteNull("incomplete_details"u8);
        }
        else
        {
            json.WriteStartObject("incomplete_details"u8);
            json.WriteString("reason"u8, incompleteReason);
            json.WriteEndObject();
        }
    }

    private static void WriteInstructions(Utf8JsonWriter json, ChatRequest? request)
    {
        if (request?.Messages is [{ Role: ChatRole.System, Parts: [TextPart text] }, ..])
        {
            json.WriteString("instructions"u8, text.Text);
        }
        else
        {
            json.WriteNull("instructions"u8);
        }
    }

    private static void WriteText(Utf8JsonWriter json, ChatRequest? request)
    {
        json.WriteStartObject("text"u8);
        json.WritePropertyName("format"u8);
        TextFormat.Write(json, request?.Format, DialectId.OpenAIResponses);
        if (request?.Verbosity is { } verbosity)
        {
            json.WriteString("verbosity"u8, verbosity);
        }

        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, ChatRequest? request)
    {
        json.WritePropertyName("tool_choice"u8);
        if (request?.ToolChoice is { } choice)
        {
            ToolWriter.WriteChoice(json, choice, request.Tools);
        }
        else
        {
            json.WriteStringValue("auto"u8);
        }

        json.WriteStartArray("tools"u8);
        foreach (var tool in request?.Tools ?? [])
        {
            ToolWriter.TryWrite(json, tool, request!.Origin);
        }

        json.WriteEndArray();
    }

    /// <summary>Repeats a setting that has no neutral form.</summary>
    private static void WriteRaw(Utf8JsonWriter json, ChatRequest? request, string name)
    {
        if (request is { Origin: DialectId.OpenAIResponses } && request.Extensions.Find(e => e.Name == name) is { } extension)
        {
            json.WritePropertyName(name);
            extension.Value.WriteTo(json);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteNumberOrNull(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteStringOrNull(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
