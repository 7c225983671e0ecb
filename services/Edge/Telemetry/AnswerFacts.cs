using System.Diagnostics;
using System.Text.Json;

namespace Gateway.Edge.Telemetry;

/// <summary>
/// What answers say of themselves, in any dialect: their id and model, why the model stopped, and the names of the tools it calls. Reads whole answers and events of
/// streams alike; never takes a text or an argument.
/// </summary>
internal sealed class AnswerFacts
{
    private const int MostListed = 32;
    private const int MostText = 256;
    private const int MostDepth = 64;

    private enum Place : byte
    {
        Other,
        Answer,
        Call,
    }

    private string? _id;
    private string? _model;
    private List<string>? _finishes;
    private List<(string Name, string? Id)>? _tools;

    /// <summary>Why the model stopped, for each choice that says it.</summary>
    public IReadOnlyList<string> Finishes => _finishes ?? [];

    /// <summary>Tools that the model calls.</summary>
    public IReadOnlyList<string> Tools => _tools is null ? [] : [.. _tools.Select(static t => t.Name)];

    /// <summary>Takes on what one document says; what is not JSON says nothing.</summary>
    public void Read(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] is not ((byte)'{' or (byte)'[' or (byte)' ' or (byte)'\n'))
        {
            return;
        }

        try
        {
            ReadAll(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a document has said what it could.
        }
    }

    /// <summary>Writes it onto the span of the call.</summary>
    public void Write(Activity call)
    {
        call.SetTag("gen_ai.response.id", _id);
        call.SetTag("gen_ai.response.model", _model);
        if (_finishes is not null)
        {
            call.SetTag("gen_ai.response.finish_reasons", _finishes.ToArray());
        }

        if (_tools is null)
        {
            return;
        }

        call.SetTag("gateway.tool_calls", Tools.ToArray());
        foreach (var (name, id) in _tools)
        {
            call.AddEvent(new ActivityEvent("gateway.tool_call", tags: new ActivityTagsCollection { ["gen_ai.tool.name"] = name, ["gen_ai.tool.call.id"] = id }));
        }
    }

    private void ReadAll(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        // What the objects around are, by depth; names of members follow them.
        var places = new Place[MostDepth + 1];
        var (pending, ids) = (Place.Other, new string?[MostDepth + 1]);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth < MostDepth:
                    places[reader.CurrentDepth + 1] = reader.CurrentDepth == 0 ? Place.Answer : pending;
                    ids[reader.CurrentDepth + 1] = null;
                    pending = reader.TokenType == JsonTokenType.StartArray ? pending : Place.Other;
                    break;
                case JsonTokenType.PropertyName when reader.CurrentDepth <= MostDepth:
                    pending = Member(ref reader, places, ids);
                    break;
                default:
                    break;
            }
        }
    }

    private Place Member(ref Utf8JsonReader reader, Place[] places, string?[] ids)
    {
        var depth = reader.CurrentDepth;
        var place = places[depth];
        if (reader.ValueTextEquals("function"u8) || reader.ValueTextEquals("functionCall"u8) || reader.ValueTextEquals("toolUse"u8))
        {
            // OpenAI names the call beside its function.
            return Place.Call;
        }

        if (depth == 1 && (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("response"u8)))
        {
            return Place.Answer;
        }

        var kind = reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("responseId"u8) || reader.ValueTextEquals("toolUseId"u8) || reader.ValueTextEquals("call_id"u8) ? 1
            : reader.ValueTextEquals("model"u8) || reader.ValueTextEquals("modelVersion"u8) ? 2
            : reader.ValueTextEquals("finish_reason"u8) || reader.ValueTextEquals("stop_reason"u8) || reader.ValueTextEquals("finishReason"u8) || reader.ValueTextEquals("stopReason"u8) ? 3
            : reader.ValueTextEquals("name"u8) ? 4
            : reader.ValueTextEquals("type"u8) ? 5
            : 0;
        if (kind == 0 || !reader.Read() || reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > MostText)
        {
            return Place.Other;
        }

        switch (kind)
        {
            case 1 when place == Place.Answer:
                _id ??= reader.GetString();
                break;
            case 1:
                ids[depth] = reader.GetString();
                break;
            case 2 when place == Place.Answer:
                _model ??= reader.GetString();
                break;
            case 3 when reader.ValueSpan.Length > 0 && (_finishes ??= []).Count < MostListed:
                _finishes.Add(reader.GetString()!);
                break;
            case 4 when place == Place.Call && (_tools ??= []).Count < MostListed:
                _tools.Add((reader.GetString()!, ids[depth] ?? (depth > 0 ? ids[depth - 1] : null)));
                break;
            case 5 when reader.ValueTextEquals("tool_use"u8) || reader.ValueTextEquals("server_tool_use"u8) || reader.ValueTextEquals("function_call"u8) || reader.ValueTextEquals("mcp_call"u8):
                places[depth] = Place.Call;
                break;
            default:
                break;
        }

        return Place.Other;
    }
}
