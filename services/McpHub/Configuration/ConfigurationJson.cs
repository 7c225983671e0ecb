using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.McpHub.Configuration;

/// <summary>The registration as a file, and for comparisons.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(UpstreamSettings))]
[JsonSerializable(typeof(RegistrationFile))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;

/// <summary>A registration as a file holds it.</summary>
internal sealed record RegistrationFile
{
    /// <summary>The servers.</summary>
    public List<UpstreamSettings> Servers { get; set; } = [];

    /// <summary>The bundles.</summary>
    public List<ToolBundle> Bundles { get; set; } = [];
}
