using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Usage;

namespace Gateway.Governance.Entries;

/// <summary>
/// Reads what another build may have written: a member that is missing takes its default. Generated contexts cannot do that: they set every
/// <c>init</c> member, the missing ones to null, 0 or false.
/// </summary>
internal static class DefaultingJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The body of <c>POST /internal/usage</c>.</summary>
    public static JsonTypeInfo<UsageBatch> UsageBatch { get; } = For<UsageBatch>();

    public static JsonTypeInfo<T> For<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}
