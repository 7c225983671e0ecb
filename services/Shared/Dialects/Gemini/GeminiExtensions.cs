using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Members without a neutral form: written back where the caller speaks Gemini too, else dropped, or refused when they are essential.</summary>
internal static class GeminiExtensions
{
    private const string ConfigPrefix = "generationConfig.";

    /// <summary>Why the request cannot be expressed, or null.</summary>
    public static DialectProblem? Problem(ChatRequest request)
    {
        if (request.Origin == DialectId.Gemini)
        {
            return null;
        }

        return request.Extensions.Find(static e => e.Essential) is { } essential
            ? new DialectProblem($"{essential.Name} cannot be expressed for the provider of this model. Leave it out, or ask for a model whose provider has it.", essential.Name)
            : null;
    }

    /// <summary>Writes those at the top of the request and lists what has no place.</summary>
    public static void WriteTop(Utf8JsonWriter writer, ChatRequest request, RequestTarget target, DropList drops)
    {
        foreach (var extension in request.Extensions)
        {
            if (request.Origin != DialectId.Gemini || target.DroppedParameters.Contains(extension.Name))
            {
                drops.Add(extension.Name);
            }
            else if (!extension.Name.Contains('.', StringComparison.Ordinal))
            {
                writer.WriteElement(extension.Name, extension.Value);
            }
            else if (!IsConfig(extension) && !IsToolConfig(extension))
            {
                drops.Add(extension.Name);
            }
        }
    }

    /// <summary>Those within <c>generationConfig</c>, under their names there.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> Config(ChatRequest request) =>
        request.Origin != DialectId.Gemini ? [] : request.Extensions.Where(IsConfig).Select(static e => (e.Name[ConfigPrefix.Length..], e.Value));

    /// <summary>Those within <c>toolConfig</c> or its <c>functionCallingConfig</c>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="prefix">Which of the two, with a full stop at its end.</param>
    public static List<(string Name, JsonElement Value)> ToolConfig(ChatRequest request, string prefix) =>
        request.Origin != DialectId.Gemini ? []
            : [.. request.Extensions.Where(e => IsToolConfig(e) && e.Name.StartsWith(prefix, StringComparison.Ordinal) && e.Name.IndexOf('.', prefix.Length) < 0).Select(e => (e.Name[prefix.Length..], e.Value))];

    private static bool IsConfig(RequestExtension extension) => extension.Name.StartsWith(ConfigPrefix, StringComparison.Ordinal);

    private static bool IsToolConfig(RequestExtension extension) => extension.Name.StartsWith("toolConfig.", StringComparison.Ordinal);
}
