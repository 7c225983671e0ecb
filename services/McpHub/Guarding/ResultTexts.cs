using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;

namespace Gateway.McpHub.Guarding;

/// <summary>
/// The texts of a tool's result: of its content, of resources in it, and its structured content as the JSON that it is. Images and recordings have none. What is put back leaves
/// everything else as it was.
/// </summary>
internal sealed class ResultTexts
{
    private readonly JsonObject _result;
    private readonly List<(JsonObject Holder, string Member, bool IsJson)> _places = [];
    private readonly List<GuardText> _texts = [];

    private ResultTexts(JsonObject result) => _result = result;

    /// <summary>The texts.</summary>
    public IReadOnlyList<GuardText> Texts => _texts;

    /// <summary>Reads a result; null when it is no object.</summary>
    public static ResultTexts? Read(ReadOnlySpan<byte> result, string tool)
    {
        JsonObject? root;
        try
        {
            root = JsonNode.Parse(result, documentOptions: new JsonDocumentOptions { MaxDepth = Protocol.JsonBytes.MaxDepth }) as JsonObject;
            if (root is null)
            {
                return null;
            }

            var texts = new ResultTexts(root);
            texts.Collect(tool);
            return texts;
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException or InvalidOperationException)
        {
            // A member that is there twice, or half a surrogate pair: nobody can say which text it is.
            return null;
        }
    }

    /// <summary>The result with other texts in the places of these.</summary>
    public byte[] With(IReadOnlyList<GuardText> texts)
    {
        for (var i = 0; i < _places.Count; i++)
        {
            var (holder, member, isJson) = _places[i];
            if (texts[i].Text != _texts[i].Text)
            {
                holder[member] = isJson ? Parsed(texts[i].Text) : JsonValue.Create(texts[i].Text);
            }
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Protocol.ProtocolJson.Writing))
        {
            _result.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static JsonNode? Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            // Guardrails keep JSON what it is; should one not, nothing is better than something nobody looked at.
            return null;
        }
    }

    private void Collect(string tool)
    {
        if (_result["content"] is JsonArray content)
        {
            foreach (var block in content.OfType<JsonObject>())
            {
                Add(block, "text", tool, isJson: false);
                if (block["resource"] is JsonObject resource)
                {
                    Add(resource, "text", tool, isJson: false);
                }

                Add(block, "description", tool, isJson: false);
                Add(block, "title", tool, isJson: false);
            }
        }

        if (_result["structuredContent"] is JsonObject or JsonArray)
        {
            Add(_result, "structuredContent", tool, isJson: true);
        }
    }

    private void Add(JsonObject holder, string member, string tool, bool isJson)
    {
        var text = isJson ? holder[member]?.ToJsonString() : holder[member] is JsonValue value && value.TryGetValue<string>(out var plain) ? plain : null;
        if (text is { Length: > 0 })
        {
            _places.Add((holder, member, isJson));
            _texts.Add(new GuardText(text, GuardrailScope.Mcp) { Source = GuardSource.Tool, Tool = tool, IsJson = isJson });
        }
    }
}
