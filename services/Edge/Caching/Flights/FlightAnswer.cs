using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Caching.Flights;

/// <summary>What a shared call came to, for those who wait for it.</summary>
/// <param name="Deployment">Who answers.</param>
/// <param name="ProviderDialect">In which dialect.</param>
/// <param name="Body">The whole answer in the callers' dialect, as it was before any output guard; null for a stream.</param>
/// <param name="Log">The stream; null for a whole answer.</param>
/// <param name="Tokens">What a whole answer used.</param>
internal sealed record FlightAnswer(DeploymentRuntime Deployment, DialectId ProviderDialect, byte[]? Body, FlightLog? Log, TokenCounts Tokens);
