using System.Collections.Concurrent;
using System.Globalization;
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
            var batch = new JsonObject { ["id"] = id, ["object"] = "batch", ["endpoint"] = endpoint, ["errors"] = null, ["input_file_id"] = file, ["completion_window"] = "24h", ["status"] = "validating", ["created_at"] = AnswerPlan.Created, ["request_counts"] = new JsonObject { ["total"] = 0, ["completed"] = 0, ["failed"] = 0 }, ["metadata"] = null };
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
        answer["status"] = action == "cancel" ? "cancelling" : "completed";
        return SideAnswer.Json(answer);
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
