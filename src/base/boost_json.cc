// Boost.JSON is used header-only: this file compiles its definitions once for the whole program.
#include <boost/json/src.hpp>
