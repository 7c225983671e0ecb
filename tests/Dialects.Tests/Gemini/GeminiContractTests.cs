using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.Tests.Contract;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.Gemini;

public class GeminiContractTests : DialectContractTests<GeminiDialect>
{
    protected override GeminiDialect Dialect => GeminiDialect.Instance;

    protected override RequestTarget Target => new() { Model = "gemini-2.5-pro", ModelInPath = true };

    protected override RequestLocation Location => new("gemini-2.5-pro", false);

    protected override DialectFeatures RequestFeatures =>
        TopK | Seed | Penalties | Stop | DialectFeatures.JsonObject | JsonSchema | ReasoningBudget | Images | ImageUrls | Documents | AudioInput | ToolErrors | ReasoningSignatures | EncryptedReasoning
        | CallIds | ChoiceCount | AllowedTools;

    protected override DialectFeatures AnswerFeatures =>
        Reasoning | ReasoningSignatures | EncryptedReasoning | MixedParts | Choices | WebCitations | ImageOutput | CacheRead | ReasoningTokens | AudioTokens | CallIds | LogProbabilities
        | ContentFilter;

    // Positions of sources in a stream run over the whole text; which part they lie in is told only where there is one.
    protected override DialectFeatures StreamFeatures => AnswerFeatures & ~WebCitations;

    protected override ChatRequest Expected(ChatRequest request)
    {
        // The API's schema has no closed objects, its media no names.
        var tools = request.Tools.Select(static t => new ToolDefinition { Name = t.Name, Description = t.Description, Parameters = Open(t.Parameters!.Value) }).ToList();
        request.Tools.Clear();
        request.Tools.AddRange(tools);
        foreach (var media in request.Messages.SelectMany(static m => m.Parts).OfType<MediaPart>())
        {
            media.Name = null;
            media.MediaType ??= "image/png";
        }

        return request;
    }

    private static JsonElement Open(JsonElement schema)
    {
        var copy = JsonNode.Parse(schema.GetRawText())!.AsObject();
        copy.Remove("additionalProperties");
        return JsonElement.Parse(copy.ToJsonString());
    }
}

/// <summary>The same with streams as one JSON array.</summary>
public sealed class GeminiArrayContractTests : GeminiContractTests
{
    protected override AnswerContext Context => base.Context with { JsonArray = true };

    protected override List<WireEvent> Frames(ReadOnlyMemory<byte> stream, Random random, int maxPiece)
    {
        var events = new List<WireEvent>();
        using var frames = new JsonArrayFrames();
        while (!stream.IsEmpty)
        {
            var room = frames.GetMemory();
            var size = Math.Min(Math.Min(random.Next(1, maxPiece + 1), stream.Length), room.Length);
            stream[..size].CopyTo(room);
            frames.Advance(size);
            stream = stream[size..];
            while (frames.TryRead(out var frame))
            {
                if (JsonArrayFrames.Element(frame) is { IsEmpty: false } element)
                {
                    events.Add(new WireEvent([], element.ToArray()));
                }
            }
        }

        return events;
    }
}
