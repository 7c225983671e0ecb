using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Mcp;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Tools;

/// <summary>
/// The body of a chat request, to which tools, calls and results are added in its own dialect. What the caller wrote stays as it is: only what is added is written by way of the neutral model.
/// </summary>
internal sealed class ToolBody
{
    private const int MostDepth = 128;

    private static readonly JsonElement _noParameters = JsonElement.Parse("{\"type\":\"object\",\"properties\":{}}");

    private readonly JsonObject _root;
    private readonly IChatDialect _dialect;
    private readonly RequestTarget _target;
    private readonly int _initialBytes;
    private ChatRequest _request;

    private ToolBody(JsonObject root, ChatRequest request, RequestTarget target, int initialBytes)
    {
        (_root, _request, _target, _initialBytes) = (root, request, target, initialBytes);
        _dialect = ChatDialects.Get(request.Origin);
    }

    /// <summary>The conversation so far, in no dialect.</summary>
    public ChatRequest Request => _request;

    /// <summary>True when the caller wants no tool called.</summary>
    public bool ForbidsTools => _request.ToolChoice is { Mode: ToolChoiceMode.None };

    /// <summary>Reads the body of a request.</summary>
    public static (ToolBody? Body, Failure? Problem) Read(RequestContext context)
    {
        if (context.Chat.Problem is { } problem)
        {
            return (null, new Failure(GatewayError.ValueInvalid, Step.Authorize, problem.Message) { Param = problem.Param });
        }

        try
        {
            var root = JsonNode.Parse(context.Body.Span, null, new JsonDocumentOptions { MaxDepth = MostDepth, AllowDuplicateProperties = false })!.AsObject();
            var target = new RequestTarget { Model = context.ModelName, ModelInPath = context.PathModel is not null };
            return (new ToolBody(root, context.Chat.Request, target, context.Body.Length), null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, new Failure(GatewayError.BodyMalformed, Step.Authorize, "The body is no JSON object, or names a member twice."));
        }
    }

    /// <summary>Why a loop cannot answer the request, or null.</summary>
    public DialectProblem? Obstacle(RequestContext context) =>
        context.Envelope.Choices > 1 ? new("Agent mode answers with one choice; ask for one, or send 'x-gateway-agent: off'.", _request.Origin == DialectId.Gemini ? "generationConfig.candidateCount" : "n")
        : Responses && (Is("background") || _root["conversation"] is not null) ? new("Agent mode cannot run in the background or in a stored conversation; leave these out, or send 'x-gateway-agent: off'.", Is("background") ? "background" : "conversation")
        : null;

    /// <summary>Adds tools. One of the caller's own of the same name stands before the hub's.</summary>
    /// <returns>The tools by the names that the model calls them by.</returns>
    public IReadOnlyDictionary<string, HubToolInfo> AddTools(IReadOnlyList<HubToolInfo> tools)
    {
        var own = _request.Tools.Select(static t => t.Name).ToHashSet(StringComparer.Ordinal);
        var added = tools.Where(t => !own.Contains(t.Name)).ToList();
        var request = new ChatRequest { Origin = _request.Origin, Model = _request.Model };
        request.Tools.AddRange(added.Select(static t => new ToolDefinition { Name = t.Name, Description = t.Description, Parameters = t.Parameters ?? _noParameters }));
        var user = new ChatMessage(ChatRole.User);
        user.Parts.Add(new TextPart("."));
        request.Messages.Add(user);
        var written = Written(request, out var bytes);
        MergeTools(written);
        // Some dialects take fewer names than others: what was written is what the model will call.
        _ = _dialect.ReadRequest(bytes, new RequestLocation(_request.Model, false), out var fitted);
        var names = new Dictionary<string, HubToolInfo>(StringComparer.Ordinal);
        foreach (var (tool, definition) in added.Zip(fitted.Tools))
        {
            names[definition.Name] = tool;
        }

        return names;
    }

    /// <summary>Adds what the model said and what came of its calls.</summary>
    public void Append(ChatMessage said, ChatMessage results)
    {
        var written = Written(_request.WithMessages([said, results]), out _);
        var conversation = Conversation();
        foreach (var item in Items(written).ToList())
        {
            conversation.Add(item?.DeepClone());
        }

        _request = _request.With(said, results);
    }

    /// <summary>Puts another conversation in the place of the caller's.</summary>
    public void Replace(IEnumerable<ChatMessage> messages)
    {
        _request = _request.WithMessages(messages);
        var written = Written(_request, out _);
        _root[ConversationMember] = new JsonArray([.. Items(written).Select(static n => n?.DeepClone())]);
    }

    /// <summary>Makes the body ready for a turn: usage is told, and a tool that had to be called is called once.</summary>
    public void Prepare(bool isFirst)
    {
        if (_request.Origin == DialectId.OpenAIChat && Is("stream"))
        {
            var options = _root["stream_options"] as JsonObject;
            if (options is null)
            {
                _root["stream_options"] = options = [];
            }

            options["include_usage"] = true;
        }

        if (Responses)
        {
            // Of a stored response of one turn nobody could go on: its calls were answered elsewhere.
            _root["store"] = false;
            var include = _root["include"] as JsonArray ?? [];
            if (!include.Any(static i => i?.GetValueKind() == JsonValueKind.String && i.GetValue<string>() == "reasoning.encrypted_content"))
            {
                include.Add("reasoning.encrypted_content");
            }

            _root["include"] = include.Parent is null ? include : include.DeepClone();
        }

        if (!isFirst && _request.ToolChoice is { Mode: ToolChoiceMode.Required or ToolChoiceMode.Named })
        {
            switch (_request.Origin)
            {
                case DialectId.Gemini:
                    _root.Remove("toolConfig");
                    _root.Remove("tool_config");
                    break;
                case DialectId.BedrockConverse:
                    (_root["toolConfig"] as JsonObject)?.Remove("toolChoice");
                    break;
                default:
                    _root.Remove("tool_choice");
                    break;
            }
        }
    }

    /// <summary>The body as it is now.</summary>
    public PooledBody Write()
    {
        using var output = new PooledBodyWriter(_initialBytes + 4096);
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MostDepth }))
        {
            _root.WriteTo(writer);
        }

        return output.Detach();
    }

    private bool Responses => _request.Origin == DialectId.OpenAIResponses;

    private string ConversationMember => _request.Origin switch
    {
        DialectId.OpenAIResponses => "input",
        DialectId.Gemini => "contents",
        _ => "messages",
    };

    private bool Is(string member) => _root[member]?.GetValueKind() == JsonValueKind.True;

    private JsonArray Conversation()
    {
        if (_root[ConversationMember] is JsonArray there)
        {
            return there;
        }

        // A text alone, which Responses takes for what the user says; or one object, which Gemini takes for a list of one.
        var begun = _root[ConversationMember] switch
        {
            null => new JsonArray(),
            JsonValue text when Responses => [new JsonObject { ["role"] = "user", ["content"] = text.DeepClone() }],
            { } one => [one.DeepClone()],
        };
        _root[ConversationMember] = begun;
        return begun;
    }

    private JsonObject Written(ChatRequest request, out ReadOnlyMemory<byte> bytes)
    {
        var output = new ArrayBufferWriter<byte>(2048);
        if (_dialect.WriteRequest(request, _target, output, new DropList()) is { } impossible)
        {
            throw new InvalidOperationException($"What the dialect said itself it cannot say again: {impossible.Message}");
        }

        bytes = output.WrittenMemory;
        return JsonNode.Parse(output.WrittenSpan, null, new JsonDocumentOptions { MaxDepth = MostDepth })!.AsObject();
    }

    private IEnumerable<JsonNode?> Items(JsonObject written) => written[ConversationMember] switch
    {
        JsonArray items => items,
        null => [],
        { } one => [one],
    };

    private void MergeTools(JsonObject written)
    {
        var (from, to) = _request.Origin == DialectId.BedrockConverse ? (written["toolConfig"] as JsonObject ?? [], ToolConfig()) : (written, _root);
        if (from["tools"] is not JsonArray added)
        {
            return;
        }

        if (to["tools"] is not JsonArray tools)
        {
            to["tools"] = tools = [];
        }

        foreach (var tool in added)
        {
            if (_request.Origin == DialectId.Gemini && Functions(tool) is { } more && tools.Select(Functions).FirstOrDefault(static f => f is not null) is { } there)
            {
                // One list of functions is what every model of theirs takes.
                foreach (var function in more)
                {
                    there.Add(function?.DeepClone());
                }

                continue;
            }

            tools.Add(tool?.DeepClone());
        }
    }

    private JsonObject ToolConfig()
    {
        if (_root["toolConfig"] is not JsonObject config)
        {
            _root["toolConfig"] = config = [];
        }

        return config;
    }

    private static JsonArray? Functions(JsonNode? tool) => (tool as JsonObject)?["functionDeclarations"] as JsonArray ?? (tool as JsonObject)?["function_declarations"] as JsonArray;
}
