using System.Text;
using System.Text.Json;

namespace Gateway.Governance.Usage.Export;

/// <summary>A line of JSON for each record, as the API shows it.</summary>
internal sealed class JsonLinesFormat : IUsageFormat
{
    public string ContentType => "application/x-ndjson";

    public string Extension => "jsonl";

    public void Begin(StringBuilder to)
    {
    }

    public void Write(StringBuilder to, UsageRecordView record) => to.Append(JsonSerializer.Serialize(record, UsageJson.Default.UsageRecordView)).Append('\n');
}
