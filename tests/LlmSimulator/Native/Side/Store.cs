using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Answers;

namespace Gateway.LlmSimulator.Native.Side;

/// <summary>Files and batches in memory, at most a thousand of each; stored responses are known by their ids alone.</summary>
internal sealed class Store
{
    private const int MaxKept = 1_000;

    private readonly ConcurrentDictionary<string, (JsonObject Entry, byte[] Bytes)> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> _batches = new(StringComparer.Ordinal);
    private int _number;

    public SideAnswer Files(string method, string rest, Form? form)
    {
        var (id, action) = Split(rest);
        if (HttpMethods.IsPost(method) && id.Length == 0)
        {
            if (form?.File("file") is not { } file || form.Text("purpose") is not { } purpose)
            {
                return SideAnswer.Refuse("Missing required parameter: 'file' or 'purpose'.", "file");
            }

            id = NewId("file-");
            var entry = new JsonObject { ["id"] = id, ["object"] = "file", ["bytes"] = file.Bytes.Length, ["created_at"] = AnswerPlan.Created, ["filename"] = file.FileName, ["purpose"] = purpose, ["status"] = "processed" };
            if (_files.Count < MaxKept)
            {
                _files[id] = (entry, file.Bytes);
            }

            return SideAnswer.Json(entry);
        }

        if (id.Length == 0)
        {
            return List(_files.Values.Select(f => f.Entry));
        }

        if (!_files.TryGetValue(id, out var found))
        {
            return SideAnswer.Refuse($"No such File object: {id}", "id", StatusCodes.Status404NotFound);
        }

        if (HttpMethods.IsDelete(method))
        {
            _ = _files.TryRemove(id, out _);
            return SideAnswer.Json(new JsonObject { ["id"] = id, ["object"] = "file", ["deleted"] = true });
        }

        return action == "content" ? new SideAnswer(found.Bytes, "application/octet-stream") : SideAnswer.Json(found.Entry.DeepClone());
    }

    public SideAnswer Batches(string method, string rest, JsonElement json)
    {
        var (id, action) = Split(rest);
        if (HttpMethods.IsPost(method) && id.Length == 0)
        {
            if (json.GetText("input_file_id") is not { } file || json.GetText("endpoint") is not { } endpoint || json.GetText("completion_window") is null)
            {
                return SideAnswer.Refuse("Missing required parameter: 'input_file_id', 'endpoint' or 'completion_window'.", "input_file_id");
            }

            if (!_files.ContainsKey(file))
            {
                return SideAnswer.Refuse($"Invalid input_file_id: {file}", "input_file_id");
            }

            id = NewId("batch_");
            var batch = new JsonObject { ["id"] = id, ["object"] = "batch", ["endpoint"] = endpoint, ["errors"] = null, ["input_file_id"] = file, ["completion_window"] = "24h", ["status"] = "validating", ["created_at"] = AnswerPlan.Created, ["request_counts"] = new JsonObject { ["total"] = 0, ["completed"] = 0, ["failed"] = 0 }, ["metadata"] = json.TryGetProperty("metadata", out var metadata) ? JsonNode.Parse(metadata.GetRawText()) : null };
            if (_batches.Count < MaxKept)
            {
                _batches[id] = batch;
            }

            return SideAnswer.Json(batch.DeepClone());
        }

        if (id.Length == 0)
        {
            return List(_batches.Values);
        }

        if (!_batches.TryGetValue(id, out var found))
        {
            return SideAnswer.Refuse($"No batch found with id '{id}'.", status: StatusCodes.Status404NotFound);
        }

        var answer = (JsonObject)found.DeepClone();
        if (action == "cancel")
        {
            answer["status"] = "cancelling";
            found["status"] = "cancelled";
        }
        else if ((string?)found["status"] != "cancelled")
        {
            answer["status"] = "completed";
            Complete(found, answer);
        }

        return SideAnswer.Json(answer);
    }

    /// <summary>What the model is asked to say by its name: <c>sim?text=…</c>.</summary>
    private static string Said(string model)
    {
        var at = model.IndexOf("text=", StringComparison.Ordinal);
        return at < 0 ? "ok" : Uri.UnescapeDataString(model[(at + 5)..].Split('&')[0]);
    }

    /// <summary>Gives a batch its results: every line answered, with 10 tokens in and 5 out.</summary>
    private void Complete(JsonObject batch, JsonObject answer)
    {
        lock (batch)
        {
            if (batch["output_file_id"] is null && _files.TryGetValue(batch["input_file_id"]!.GetValue<string>(), out var input))
            {
                var output = new StringBuilder();
                var count = 0;
                foreach (var line in Encoding.UTF8.GetString(input.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    var request = JsonNode.Parse(line)!;
                    var body = new JsonObject
                    {
                        ["id"] = "chatcmpl-sim",
                        ["object"] = "chat.completion",
                        ["model"] = request["body"]!["model"]!.DeepClone(),
                        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = Said(request["body"]!["model"]!.GetValue<string>()) }, ["finish_reason"] = "stop" }),
                        ["usage"] = new JsonObject { ["prompt_tokens"] = 10, ["completion_tokens"] = 5, ["total_tokens"] = 15 },
                    };
                    output.Append(new JsonObject
                    {
                        ["id"] = "batch_req_" + (++count).ToString(CultureInfo.InvariantCulture),
                        ["custom_id"] = request["custom_id"]!.DeepClone(),
                        ["response"] = new JsonObject { ["status_code"] = 200, ["body"] = body },
                        ["error"] = null,
                    }.ToJsonString()).Append('\n');
                }

                var id = NewId("file-");
                var bytes = Encoding.UTF8.GetBytes(output.ToString());
                _files[id] = (new JsonObject { ["id"] = id, ["object"] = "file", ["bytes"] = bytes.Length, ["created_at"] = AnswerPlan.Created, ["filename"] = "output.jsonl", ["purpose"] = "batch_output", ["status"] = "processed" }, bytes);
                batch["output_file_id"] = id;
                batch["request_counts"] = new JsonObject { ["total"] = count, ["completed"] = count, ["failed"] = 0 };
            }

            answer["output_file_id"] = batch["output_file_id"]?.DeepClone();
            answer["request_counts"] = batch["request_counts"]!.DeepClone();
        }
    }

    public SideAnswer Responses(string method, string rest)
    {
        var (id, action) = Split(rest);
        return !id.StartsWith("resp_", StringComparison.Ordinal) ? SideAnswer.Refuse($"Invalid 'response_id': '{id}'. Expected an ID that begins with 'resp'.", "response_id")
            : HttpMethods.IsDelete(method) ? SideAnswer.Json(new JsonObject { ["id"] = id, ["object"] = "response", ["deleted"] = true })
            : action == "input_items" ? SideAnswer.Json(new JsonObject { ["object"] = "list", ["data"] = new JsonArray(), ["first_id"] = null, ["last_id"] = null, ["has_more"] = false })
            : SideAnswer.Json(new JsonObject { ["id"] = id, ["object"] = "response", ["created_at"] = AnswerPlan.Created, ["status"] = action == "cancel" ? "cancelled" : "completed", ["model"] = "sim", ["output"] = new JsonArray(), ["parallel_tool_calls"] = true, ["tool_choice"] = "auto", ["tools"] = new JsonArray() });
    }

    private static SideAnswer List(IEnumerable<JsonObject> entries)
        => SideAnswer.Json(new JsonObject { ["object"] = "list", ["data"] = NativeJson.Array(entries.Select(e => e.DeepClone())), ["has_more"] = false });

    private static (string Id, string Action) Split(string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..]);
    }

    private string NewId(string prefix) => prefix + "sim" + Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture);
}
