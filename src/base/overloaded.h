// A visitor for std::visit, built from one lambda for each alternative.
#pragma once

namespace forebay {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;  // for clang 14, which does not deduce it

}  // namespace forebay
