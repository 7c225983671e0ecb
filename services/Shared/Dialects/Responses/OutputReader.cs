using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Reads items of a provider's output as parts of an answer.</summary>
internal static class OutputReader
{
    /// <summary>Adds what one item says.</summary>
    /// <param name="item">The item.</param>
    /// <param name="searchesX">True when the provider searches X for the model, see <see cref="SearchesX"/>.</param>
    /// <param name="parts">Receives the parts.</param>
    public static void Read(JsonElement item, bool searchesX, List<ContentPart> parts)
    {
        switch (TypeOf(item))
        {
            case "message":
                ReadMessage(item, parts);
                break;
            case "reasoning":
                var (text, isSummary) = ReasoningText(item);
                var encrypted = EncryptedReasoning.FromProvider(item.StringOf("id"), item.StringOf("encrypted_content"));
                if (text.Length > 0 || encrypted is not null)
                {
                    parts.Add(new ReasoningPart { Text = text, IsSummary = isSummary, Id = item.StringOf("id"), Encrypted = encrypted });
                }

                break;
            case "function_call" or "custom_tool_call" when !IsHosted(item, searchesX):
                var custom = IsCustom(item);
                parts.Add(new ToolCallPart
                {
                    Id = CallId(item), Name = item.StringOf("name") ?? "", IsCustom = custom, Arguments = item.StringOf(custom ? "input" : "arguments") ?? "",
                });
                break;
            case "image_generation_call" when item.StringOf("result") is { Length: > 0 } result:
                parts.Add(ReadImage(item, result));
                break;
            case var type:
                parts.Add(new OpaquePart(DialectId.OpenAIResponses, type, item));
                break;
        }
    }

    public static string TypeOf(JsonElement item) => item.StringOf("type") ?? "";

    public static bool IsCustom(JsonElement item) => TypeOf(item) == "custom_tool_call";

    /// <summary>True for a call that the provider runs itself: nobody is to answer it.</summary>
    public static bool IsHosted(JsonElement item, bool searchesX) => searchesX && IsCustom(item);

    /// <summary>True when a response's tools have xAI's search of X, whose steps xAI shows as calls of custom tools.</summary>
    public static bool SearchesX(JsonElement response)
    {
        if (!response.TryArray("tools", out var tools))
        {
            return false;
        }

        var types = tools.EnumerateArray().Select(static t => t.StringOf("type")).ToList();
        return types.Contains("x_search") && !types.Contains("custom");
    }

    /// <summary>Id that the call's result refers to.</summary>
    public static string CallId(JsonElement item) => item.StringOf("call_id") is { Length: > 0 } id ? id : item.StringOf("id") ?? "";

    /// <summary>What a reasoning item says: the reasoning itself where it is given, else its summary. Paragraphs of either are joined.</summary>
    public static (string Text, bool IsSummary) ReasoningText(JsonElement item)
    {
        var text = Join(item, "content");
        return text.Length > 0 ? (text, false) : (Join(item, "summary"), true);
    }

    public static MediaPart ReadImage(JsonElement item, string result)
    {
        var image = new MediaPart(MediaKind.Image) { Id = item.StringOf("id") };
        if (result.StartsWith("http", StringComparison.Ordinal) && Uri.IsWellFormedUriString(result, UriKind.Absolute))
        {
            image.Url = result;
        }
        else
        {
            image.Data = result;
            image.MediaType = "image/" + (item.StringOf("output_format") ?? "png");
        }

        return image;
    }

    /// <summary>Log probabilities of a text, in the form of chat completions; null when there are none.</summary>
    public static JsonElement? LogProbabilities(JsonElement content) => content.TryArray("logprobs", out var list) && list.GetArrayLength() > 0 ? WrapLogProbabilities(list) : null;

    private static JsonElement WrapLogProbabilities(JsonElement list) => JsonElement.Parse($$"""{"content":{{list.GetRawText()}},"refusal":null}""");

    private static void ReadMessage(JsonElement item, List<ContentPart> parts)
    {
        if (item.StringOf("content") is { } plain)
        {
            parts.Add(new TextPart(plain));
        }

        if (!item.TryArray("content", out var contents))
        {
            return;
        }

        foreach (var content in contents.EnumerateArray())
        {
            switch (TypeOf(content))
            {
                case "output_text" or "text":
                    var text = new TextPart(content.StringOf("text") ?? "");
                    if (content.TryArray("annotations", out var annotations))
                    {
                        text.Citations.AddRange(annotations.EnumerateArray().Select(Annotations.Read));
                    }

                    parts.Add(text);
                    break;
                case "refusal":
                    parts.Add(new RefusalPart(content.StringOf("refusal") ?? ""));
                    break;
                case var type:
                    parts.Add(new OpaquePart(DialectId.OpenAIResponses, type, content));
                    break;
            }
        }
    }

    private static string Join(JsonElement item, string name) =>
        item.TryArray(name, out var paragraphs)
            ? string.Join("\n\n", paragraphs.EnumerateArray().Select(static p => p.StringOf("text")).Where(static t => !string.IsNullOrEmpty(t))) : "";
}
