using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Responses;

/// <summary>Writes requests for providers that speak the Responses dialect.</summary>
internal sealed class ResponsesRequestWriter
{
    // OpenAI refuses fewer; callers who probe send 1.
    private const int FewestOutputTokens = 16;

    /// <summary>What callers of chat completions can say that has the same name here.</summary>
    private static readonly HashSet<string> _sharedWithChat =
        new(["store", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "safety_identifier", "moderation"], StringComparer.Ordinal);

    private readonly ChatRequest _request;
    private readonly RequestTarget _target;
    private readonly DropList _drops;
    private readonly Utf8JsonWriter _json;
    private readonly bool _isOpenAI;
    private readonly bool _reasons;

    private ResponsesRequestWriter(ChatRequest request, RequestTarget target, Utf8JsonWriter json, DropList drops)
    {
        _request = request;
        _target = target;
        _json = json;
        _drops = drops;
        _isOpenAI = target.Provider is "" or "openai" or "azure";
        _reasons = !_isOpenAI || ReasoningEffort.IsTakenBy(target.Model);
    }

    public static DialectProblem? Write(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops)
    {
        if (request.Origin != DialectId.OpenAIResponses && request.Extensions.Find(static e => e.Essential) is { } essential)
        {
            return new DialectProblem($"'{essential.Name}' means something only to a provider of the caller's own dialect; this model is served by one that speaks OpenAI Responses.", essential.Name);
        }

        using var json = new Utf8JsonWriter(output, ResponseEvents.JsonOptions);
        new ResponsesRequestWriter(request, target, json, drops).Write();
        return null;
    }

    private void Write()
    {
        _json.WriteStartObject();
        if (!_target.ModelInPath)
        {
            _json.WriteString("model"u8, _target.Model);
        }

        if (_request.Stream)
        {
            _json.WriteBoolean("stream"u8, true);
        }

        WriteConversation();
        WriteLimits();
        WriteTools();
        WriteText();
        WriteReasoning();
        WriteInclude();
        WriteAccount();
        WriteExtensions();
        DropTheRest();
        _json.WriteEndObject();
    }

    private void WriteConversation()
    {
        IEnumerable<ChatMessage> messages = _request.Messages;
        if (_request.Messages is [{ Role: ChatRole.System, Parts: [TextPart text] }, ..] && Begin("instructions"))
        {
            _json.WriteStringValue(text.Text);
            messages = messages.Skip(1);
        }

        new InputWriter(_request, _json, _drops).Write(messages);
    }

    private void WriteLimits()
    {
        if (_request.MaxOutputTokens is { } max && Begin("max_output_tokens", "max_tokens"))
        {
            _json.WriteNumberValue(_isOpenAI ? Math.Max(max, FewestOutputTokens) : max);
        }

        if (_isOpenAI && ReasoningModel.RefusesSampling(_target.Model, _request.Reasoning))
        {
            DropIf(_request.Temperature is not null, "temperature");
            DropIf(_request.TopP is not null, "top_p");
        }
        else
        {
            WriteNumber("temperature", _request.Temperature);
            WriteNumber("top_p", _request.TopP);
        }

        WriteNumber("top_logprobs", _request.TopLogProbabilities);
    }

    private void WriteTools()
    {
        var written = 0;
        if (_request.Tools.Count > 0 && Begin("tools"))
        {
            _json.WriteStartArray();
            for (var i = 0; i < _request.Tools.Count; i++)
            {
                if (ToolWriter.TryWrite(_json, _request.Tools[i], _request.Origin))
                {
                    written++;
                    StrictSchema.Of(_request.Tools[i].Strict, _request.Tools[i].Parameters, _request.Origin, out var isLost);
                    _drops.AddIf(isLost, $"{CallerNames.Of(_request.Origin, "tools")}.{_request.Tools[i].Name}.strict");
                }
                else
                {
                    _drops.Add($"{CallerNames.Of(_request.Origin, "tools")}.{_request.Tools[i].Name}");
                }
            }

            _json.WriteEndArray();
        }

        if (written == 0)
        {
            // A choice without tools is refused.
            return;
        }

        if (_request.ToolChoice is { } choice && Begin("tool_choice"))
        {
            ToolWriter.WriteChoice(_json, choice, _request.Tools);
        }

        if (_request.ParallelToolCalls is { } parallel && Begin("parallel_tool_calls"))
        {
            _json.WriteBooleanValue(parallel);
        }
    }

    private void WriteText()
    {
        if ((_request.Format is not null || _request.Verbosity is not null) && Begin("text", "response_format"))
        {
            _json.WriteStartObject();
            if (_request.Format is not null)
            {
                _json.WritePropertyName("format"u8);
                TextFormat.Write(_json, _request.Format, _request.Origin);
                StrictSchema.Of(_request.Format.Strict, _request.Format.Schema, _request.Origin, out var isLost);
                _drops.AddIf(isLost, CallerNames.Of(_request.Origin, "response_format") + ".strict");
            }

            if (_request.Verbosity is not null)
            {
                _json.WriteString("verbosity"u8, _request.Verbosity);
            }

            _json.WriteEndObject();
        }
    }

    private void WriteReasoning()
    {
        var effort = ReasoningEffort.Of(_request.Reasoning);
        var summary = _request.Reasoning?.Summary ?? (_request.Reasoning is { IncludeText: not false, Enabled: true } || _request.Reasoning?.IncludeText == true ? "auto" : null);
        var others = _request.Origin == DialectId.OpenAIResponses
            ? _request.Extensions.Where(static e => e.Name.StartsWith("reasoning.", StringComparison.Ordinal)).ToList() : [];
        if ((effort is null && summary is null && others.Count == 0) || !_reasons || !Begin("reasoning", "reasoning_effort"))
        {
            return;
        }

        _json.WriteStartObject();
        _json.WriteOptional("effort", effort);
        _json.WriteOptional("summary", summary);
        foreach (var other in others)
        {
            _json.WriteElement(other.Name["reasoning.".Length..], other.Value);
        }

        _json.WriteEndObject();
    }

    private void WriteInclude()
    {
        var asked = _request.Origin == DialectId.OpenAIResponses && _request.Extensions.Find(static e => e.Name == "include") is { } own
            ? own.Value.EnumerateArray().Where(static v => v.ValueKind == JsonValueKind.String).Select(static v => v.GetString()!).ToList() : [];
        // Nothing is stored for the next turn, so the reasoning must travel; models that do not reason refuse to be asked for it.
        if (_reasons && _request.Reasoning is { } reasoning && reasoning.Enabled != false && reasoning.Effort != "none")
        {
            asked.Add("reasoning.encrypted_content");
        }

        if (_request.LogProbabilities == true)
        {
            asked.Add("message.output_text.logprobs");
        }

        if (asked.Count > 0 && Begin("include"))
        {
            _json.WriteStartArray();
            foreach (var entry in asked.Distinct())
            {
                _json.WriteStringValue(entry);
            }

            _json.WriteEndArray();
        }
    }

    private void WriteAccount()
    {
        if (_request.EndUser is not null && Begin("user"))
        {
            _json.WriteStringValue(_request.EndUser);
        }

        if (_request.Metadata.Count > 0 && Begin("metadata"))
        {
            _json.WriteStartObject();
            foreach (var (name, value) in _request.Metadata)
            {
                _json.WriteString(name, value);
            }

            _json.WriteEndObject();
        }

        if (_request.ServiceTier is null)
        {
            return;
        }

        if (OpenAITiers.ForRequest(_request.ServiceTier) is not { } tier)
        {
            Drop("service_tier");
        }
        else if (Begin("service_tier"))
        {
            _json.WriteStringValue(tier);
        }
    }

    private void WriteExtensions()
    {
        var stores = false;
        foreach (var extension in _request.Extensions)
        {
            var known = _request.Origin == DialectId.OpenAIResponses
                || (_request.Origin == DialectId.OpenAIChat && _sharedWithChat.Contains(extension.Name));
            if (!known)
            {
                _drops.Add(extension.Name);
                continue;
            }

            // Items of the input and parts of "reasoning" and "include" have been written in their places, or have none of their own.
            if (!extension.Name.Contains('.', StringComparison.Ordinal) && !extension.Name.Contains('[', StringComparison.Ordinal) && extension.Name != "include"
                && Begin(extension.Name))
            {
                stores |= extension.Name == "store";
                extension.Value.WriteTo(_json);
            }
        }

        // A caller of another dialect could neither find nor delete what is stored.
        if (!stores && Begin("store"))
        {
            _json.WriteBooleanValue(false);
        }
    }

    private void DropTheRest()
    {
        DropIf(_request.TopK is not null, "top_k");
        DropIf(_request.MinP is not null, "min_p");
        DropIf(_request.FrequencyPenalty is not null, "frequency_penalty");
        DropIf(_request.PresencePenalty is not null, "presence_penalty");
        DropIf(_request.Seed is not null, "seed");
        DropIf(_request.Stop.Count > 0, "stop");
        DropIf(_request.Choices > 1, "n");
        DropIf(_request.Modalities.Exists(static m => m != "text"), "modalities");
    }

    private void WriteNumber(string name, double? value)
    {
        if (value is { } number && Begin(name))
        {
            _json.WriteNumberValue(number);
        }
    }

    /// <summary>Writes the name of a member, unless the provider refuses the member.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="chatName">Its name in chat completions where that differs, by which callers' names are found.</param>
    private bool Begin(string name, string? chatName = null)
    {
        if (_target.DroppedParameters.Contains(name))
        {
            Drop(chatName ?? name);
            return false;
        }

        _json.WritePropertyName(_target.RenamedParameters.GetValueOrDefault(name, name));
        return true;
    }

    private void DropIf(bool isSet, string name)
    {
        if (isSet)
        {
            Drop(name);
        }
    }

    private void Drop(string name) => _drops.Add(CallerNames.Of(_request.Origin, name));
}
