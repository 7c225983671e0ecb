using System.Text;
using System.Text.Json;
using Gateway.Contracts.Mcp;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Tools;

/// <summary>Results of tools as a model reads them: texts, pictures, recordings; all else as text.</summary>
internal static class ToolResults
{
    /// <summary>Most characters of one result; what is longer is cut and says so.</summary>
    public const int MostText = 200_000;

    private const int MostMedia = 8 * 1024 * 1024;

    /// <summary>The result of a call.</summary>
    public static ToolResultPart Of(ToolCallPart call, HubCallAnswer answer)
    {
        var part = new ToolResultPart { CallId = call.Id, Name = call.Name };
        if (answer.Result is not { ValueKind: JsonValueKind.Object } result)
        {
            part.IsError = true;
            part.Content.Add(new TextPart(answer.Reason.Length > 0 ? answer.Reason : "The call gave nothing."));
            return part;
        }

        part.IsError = result.TryGetProperty("isError", out var failed) && failed.ValueKind == JsonValueKind.True;
        var left = MostText;
        if (result.TryGetProperty("content", out var blocks) && blocks.ValueKind == JsonValueKind.Array)
        {
            foreach (var block in blocks.EnumerateArray())
            {
                if (Block(block, ref left) is { } content)
                {
                    part.Content.Add(content);
                }
            }
        }

        if (part.Content.Count == 0)
        {
            part.Content.Add(new TextPart(result.TryGetProperty("structuredContent", out var structured) ? Cut(structured.GetRawText(), ref left) : "(no content)"));
        }

        return part;
    }

    /// <summary>A call that was not made, or failed before it was.</summary>
    public static ToolResultPart Failed(ToolCallPart call, string reason) => Of(call, new HubCallAnswer { Outcome = McpCallOutcome.Refused, Reason = reason });

    /// <summary>About how much room a result takes.</summary>
    public static long SizeOf(ToolResultPart part) => part.Content.Sum(static c => c switch { TextPart text => text.Text.Length, MediaPart media => media.Data?.Length ?? 0, _ => 0L });

    private static ContentPart? Block(JsonElement block, ref int left) => Text(block, "type") switch
    {
        "text" => new TextPart(Cut(Text(block, "text"), ref left)),
        "image" => Media(MediaKind.Image, block),
        "audio" => Media(MediaKind.Audio, block),
        "resource" when block.TryGetProperty("resource", out var resource) => new TextPart(Cut(
            Text(resource, "text") is { Length: > 0 } text ? $"{Text(resource, "uri")}\n{text}" : $"{Text(resource, "uri")} ({Text(resource, "mimeType")}, binary)", ref left)),
        "resource_link" => new TextPart(Cut($"{Text(block, "name")}: {Text(block, "uri")} {Text(block, "description")}".TrimEnd(), ref left)),
        _ when block.ValueKind == JsonValueKind.Object => new TextPart(Cut(block.GetRawText(), ref left)),
        _ => null,
    };

    private static ContentPart Media(MediaKind kind, JsonElement block)
    {
        var data = Text(block, "data");
        return data.Length <= MostMedia
            ? new MediaPart(kind) { Data = data, MediaType = Text(block, "mimeType") }
            : new TextPart($"({kind} of {data.Length / 1024} KiB, too large to pass on)");
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Cut(string text, ref int left)
    {
        if (text.Length <= left)
        {
            left -= text.Length;
            return text;
        }

        var kept = new StringBuilder(text, 0, left > 0 && char.IsHighSurrogate(text[left - 1]) ? left - 1 : left, left + 100);
        kept.Append($"\n[cut: {text.Length - left} further characters were left out]");
        left = 0;
        return kept.ToString();
    }
}
