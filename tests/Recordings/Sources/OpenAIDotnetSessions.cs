using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Recordings.Sources;

/// <summary>openai-dotnet: JSON sessions of <c>Entries</c>, bodies as JSON values or lists of lines, binary lines as <c>b64:</c>.</summary>
internal static class OpenAIDotnetSessions
{
    public static IEnumerable<Recording> Read(string path, byte[] bytes)
    {
        using var document = JsonDocument.Parse(WithoutMark(bytes));
        var number = 0;
        foreach (var entry in document.RootElement.GetProperty("Entries").EnumerateArray())
        {
            var url = new Uri(entry.GetProperty("RequestUri").GetString()!);
            var method = entry.GetProperty("RequestMethod").GetString()!;
            var type = Header(entry, "ResponseHeaders");
            yield return new Recording
            {
                Id = path + "#" + number++.ToString(CultureInfo.InvariantCulture),
                Source = "openai-dotnet",
                Provider = "openai",
                Operation = IsReadAgain(method, url.AbsolutePath) ? Operation.Stored : Classification.OfAddress(method, url.PathAndQuery),
                Status = entry.GetProperty("StatusCode").GetInt32(),
                ResponseContentType = type,
                ResponseBody = Body(entry.GetProperty("ResponseBody")),
                Request = new RecordedRequest(method, url.PathAndQuery, Header(entry, "RequestHeaders"), Body(entry.GetProperty("RequestBody"))) { Host = url.Host },
            };
        }
    }

    private static bool IsReadAgain(string method, string path) => path.Contains("/v1/responses/", StringComparison.Ordinal) || (method != "POST" && path.Contains("/chat/completions", StringComparison.Ordinal));

    private static ReadOnlyMemory<byte> WithoutMark(byte[] bytes) => bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsMemory(3) : bytes;

    private static string Header(JsonElement entry, string which)
        => entry.GetProperty(which).TryGetProperty("Content-Type", out var type) ? type.GetString()! : "";

    private static byte[] Body(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (body.ValueKind != JsonValueKind.Array)
        {
            return Encoding.UTF8.GetBytes(body.GetRawText());
        }

        using var whole = new MemoryStream();
        foreach (var line in body.EnumerateArray())
        {
            var text = line.GetString()!;
            whole.Write(text.StartsWith("b64:", StringComparison.Ordinal) ? Convert.FromBase64String(text[4..]) : Encoding.UTF8.GetBytes(text));
        }

        return whole.ToArray();
    }
}
