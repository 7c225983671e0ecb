using Gateway.Contracts.Configuration;
using Gateway.Edge.RequestLog.Delivery;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>requestLog</c> and <c>settings.requestLogDetail</c>.</summary>
internal static class RequestLogSection
{
    public static LogFileOptions? ReadFile(SectionReader root)
    {
        var section = root.Section("requestLog");
        var (bytes, keep) = (section.Integer("maxFileBytes") ?? 0, section.Int("keepFiles"));
        return section.Text("file") is { } file ? new LogFileOptions { Path = file.Text, MaxBytes = bytes, Keep = keep } : null;
    }

    public static RequestLogSettings ReadDetail(SectionReader section) => new()
    {
        MaxBodyBytes = section.Int("maxBodyBytes"),
        ClientAddress = (ClientAddressPolicy)(section.Choice("clientAddress") + 1),
        SamplePercent = section.Int("samplePercent"),
    };
}
