using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Writes a <c>generateContent</c> request for the Gemini API or Vertex AI.</summary>
internal static class GeminiRequestWriter
{
    /// <summary>See <see cref="IChatDialect.WriteRequest"/>.</summary>
    public static DialectProblem? Write(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops)
    {
        if (GeminiExtensions.Problem(request) is { } problem)
        {
            return problem;
        }

        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        if (!target.ModelInPath && target.Model.Length > 0)
        {
            writer.WriteString("model", target.Model);
        }

        var parts = new GeminiPartWriter(writer, request, target, drops);
        WriteConversation(writer, request, parts);
        GeminiToolWriter.Write(writer, request, drops);
        GeminiConfigWriter.Write(writer, request, target, drops);
        WriteLabels(writer, request, target, drops);
        GeminiExtensions.WriteTop(writer, request, target, drops);
        Drop(request, drops);
        writer.WriteEndObject();
        return null;
    }

    /// <summary>True when the provider is Vertex AI, which knows labels and gives no ids to calls.</summary>
    internal static bool IsVertex(RequestTarget target) => target.Provider.Contains("vertex", StringComparison.OrdinalIgnoreCase);

    private static void WriteConversation(Utf8JsonWriter writer, ChatRequest request, GeminiPartWriter parts)
    {
        var system = request.Messages.Where(IsSystem).ToList();
        var turns = request.Messages.Where(static m => !IsSystem(m)).ToList();
        if (turns.Count == 0)
        {
            // The API refuses a request without contents: instructions alone are what the user says.
            (turns, system) = (system, []);
        }

        if (system.Exists(parts.HasContent))
        {
            writer.WriteStartObject("systemInstruction");
            writer.WriteStartArray("parts");
            system.ForEach(parts.Write);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteStartArray("contents");
        string? open = null;
        foreach (var message in turns.Where(parts.HasContent))
        {
            var role = message.Role == ChatRole.Assistant ? "model" : "user";
            if (open != role)
            {
                Close(writer, open);
                writer.WriteStartObject();
                writer.WriteString("role", role);
                writer.WriteStartArray("parts");
                open = role;
            }

            parts.Write(message);
        }

        Close(writer, open);
        writer.WriteEndArray();
    }

    private static void Close(Utf8JsonWriter writer, string? open)
    {
        if (open is not null)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static bool IsSystem(ChatMessage message) => message.Role is ChatRole.System or ChatRole.Developer;

    private static void WriteLabels(Utf8JsonWriter writer, ChatRequest request, RequestTarget target, DropList drops)
    {
        if (request.Metadata.Count == 0)
        {
            return;
        }

        // Vertex AI bills by label and refuses what is no label; the Gemini API has none.
        if (!IsVertex(target) || !request.Metadata.All(static pair => IsLabel(pair.Key) && IsLabel(pair.Value)))
        {
            drops.Add(CallerNames.Of(request.Origin, "metadata"));
            return;
        }

        writer.WriteStartObject("labels");
        foreach (var (name, value) in request.Metadata)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
    }

    private static bool IsLabel(string text) => text.Length is > 0 and <= 63 && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');

    private static void Drop(ChatRequest request, DropList drops)
    {
        var origin = request.Origin;
        if (request.ParallelToolCalls == false)
        {
            drops.Add(CallerNames.Of(origin, "parallel_tool_calls"));
        }

        drops.AddIf(request.Messages.Exists(static m => m.Name is not null), CallerNames.Content(origin, "name"));
        if (request.MinP is not null)
        {
            drops.Add(CallerNames.Of(origin, "min_p"));
        }

        if (request.Verbosity is not null)
        {
            drops.Add(CallerNames.Of(origin, "verbosity"));
        }

        if (request.EndUser is not null)
        {
            drops.Add(CallerNames.Of(origin, "user"));
        }

        if (request.ServiceTier is not (null or "auto" or "default"))
        {
            drops.Add(CallerNames.Of(origin, "service_tier"));
        }
    }
}
