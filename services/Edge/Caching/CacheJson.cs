using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gateway.Edge.Caching;

/// <summary>JSON that the cache itself writes.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class CacheJson : JsonSerializerContext;
